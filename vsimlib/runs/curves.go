// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vsim/vsimlib/report"
	"vsim/vsimlib/run"
)

// Curve is a number that runs logged over their steps.
type Curve struct {
	Name string     `json:"name"`
	Runs []*Numbers `json:"runs"` // null for a run that did not log it
}

// Numbers sum a curve up.
type Numbers struct {
	First    float64 `json:"first"`
	End      float64 `json:"end"`  // of a loss the mean over its last tenth, else the last value
	Best     float64 `json:"best"` // the highest correlation, else the lowest value
	BestStep int     `json:"best_step"`
	Points   int     `json:"points"`
}

// curves sums up the losses and validations that at least one run logged, in the order of their names, the losses first.
func curves(logs [][]map[string]any) []Curve {
	names := map[string]bool{}
	for _, lines := range logs {
		for _, line := range lines {
			for name := range line {
				if strings.HasPrefix(name, "loss") || strings.HasPrefix(name, "val_") {
					names[name] = true
				}
			}
		}
	}
	list := []Curve{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := Curve{Name: name}
		for _, lines := range logs {
			c.Runs = append(c.Runs, numbers(name, lines))
		}
		list = append(list, c)
	}
	return list
}

// numbers sums up one name of a log, nil where no line has it.
func numbers(name string, lines []map[string]any) *Numbers {
	var n Numbers
	var values []float64
	for _, line := range lines {
		v, ok := line[name].(float64)
		if !ok {
			continue
		}
		better := v < n.Best
		if strings.HasSuffix(name, "spearman") {
			better = v > n.Best
		}
		if len(values) == 0 || better {
			n.Best, n.BestStep = v, int(run.Number(line, "step"))
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return nil
	}
	tail := values[len(values)-1:]
	if strings.HasPrefix(name, "loss") {
		tail = values[len(values)-max(1, len(values)/10):]
	}
	for _, v := range tail {
		n.End += v / float64(len(tail))
	}
	n.First, n.Points = values[0], len(values)
	return &n
}

// sameUntil is the last step up to which all training losses of all logs are the same.
func sameUntil(logs [][]map[string]any) (last int) {
	first := training(logs[0])
	var others [][]map[string]any
	for _, lines := range logs[1:] {
		others = append(others, training(lines))
	}
	for i, line := range first {
		if slices.ContainsFunc(others, func(other []map[string]any) bool { return i >= len(other) || !sameLosses(line, other[i]) }) {
			break
		}
		last = int(run.Number(line, "step"))
	}
	return last
}

// training are the lines of a log's training steps.
func training(lines []map[string]any) (list []map[string]any) {
	for _, line := range lines {
		if _, ok := line["loss"]; ok {
			list = append(list, line)
		}
	}
	return list
}

// sameLosses reports whether two lines are of one step and have the same losses.
func sameLosses(a, b map[string]any) bool {
	return run.Number(a, "step") == run.Number(b, "step") && maps.Equal(run.Numbers(a, "loss"), run.Numbers(b, "loss"))
}

// CurveTable is the curves' numbers, a column a run.
func (c Comparison) CurveTable() report.Table {
	t := report.Table{Header: append([]string{"first → end (best at step)"}, c.Names()...)}
	for _, curve := range c.Curves {
		row := []report.Cell{report.Words(curve.Name)}
		for _, n := range curve.Runs {
			cell := ""
			if n != nil && n.Points == 1 {
				cell = fmt.Sprintf("%s at %d", report.Rounded(n.First), n.BestStep)
			} else if n != nil {
				cell = fmt.Sprintf("%s → %s (%s at %d)", report.Rounded(n.First), report.Rounded(n.End), report.Rounded(n.Best), n.BestStep)
			}
			row = append(row, report.Words(cell))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Caption says how far the runs are the same.
func (c Comparison) Caption() string {
	switch {
	case len(c.Differs) == 0 && c.Same > 0:
		return fmt.Sprintf("No setting differs, and the losses are the same to the last bit up to step %d.", c.Same)
	case len(c.Differs) == 0:
		return "No setting differs."
	case c.Same > 0:
		return fmt.Sprintf("The losses are the same to the last bit up to step %d.", c.Same)
	}
	return ""
}
