// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runs/runstest"
)

// names are what differs, in order.
func (c Comparison) names() string {
	var list []string
	for _, d := range c.Differs {
		list = append(list, d.Name)
	}
	return strings.Join(list, " ")
}

func TestCompare(t *testing.T) {
	dir := runstest.Folder(t)
	in := func(name string) run.Dir { return run.Dir(filepath.Join(dir, name)) }
	pre, fine, stopped := in(runstest.Pretrain), in(runstest.Finetune), in(runstest.Stopped)
	c, err := Compare(pre, stopped)
	if err != nil {
		t.Fatal(err)
	}
	if c.names() != "pretrain.seed" || strings.Join(c.Differs[0].Values, " ") != "1 9" || c.Same != 0 {
		t.Errorf("%+v, same until %d", c.Differs, c.Same)
	}
	for _, curve := range c.Curves {
		if curve.Name == "val_loss" && (curve.Runs[0] == nil || curve.Runs[1] != nil) { // stopped before its first validation
			t.Errorf("%+v", curve)
		}
	}
	if text := c.Table().String() + c.CurveTable().String(); !strings.Contains(text, "stopped at step 2") ||
		!strings.Contains(text, "loss_mfm") || !strings.Contains(text, "2/10") {
		t.Error(text)
	}
	// The same training, which logged three steps.
	begun := copyRun(t, dir, runstest.Pretrain, "begun")
	log := strings.SplitAfter(filetest.Content(t, begun.Metrics()), "\n")
	filetest.Write(t, begun.Metrics(), strings.Join(log[:3], ""))
	if c, err = Compare(pre, pre, begun); err != nil || len(c.Differs) != 0 || c.Same != 3 ||
		!strings.Contains(c.Caption(), "same to the last bit up to step") {
		t.Errorf("%v, %+v, %q, %v", c.Differs, c.Same, c.Caption(), err)
	}
	if name := c.FigureName(); !strings.HasPrefix(name, "runs_") || strings.Contains(name, "/") {
		t.Error(name)
	}
	if c, err = Compare(pre, fine); err != nil || c.names() != "stage corpus init arithmetic" {
		t.Errorf("%s, %v", c.names(), err)
	}
	damaged := copyRun(t, dir, runstest.Stopped, "damaged")
	filetest.Write(t, damaged.Metrics(), "no JSON\nnor this\n")
	if _, err := Compare(pre, damaged); err == nil || !strings.Contains(err.Error(), damaged.Metrics()+":1: not a JSON object") {
		t.Errorf("a damaged log: %v", err)
	}
	if _, err := Compare(pre); err == nil {
		t.Error("one run was compared")
	}
	if _, err := Compare(pre, run.Dir(dir)); err == nil || !strings.Contains(err.Error(), dir+": is no run of vsim; ") {
		t.Error(err)
	}
}

// TestNumbers by hand.
func TestNumbers(t *testing.T) {
	var lines []map[string]any
	for step := 1; step <= 20; step++ {
		lines = append(lines, map[string]any{"step": float64(step), "loss": float64(30 - step)})
	}
	lines[6]["loss"] = 1.
	lines = append(lines, map[string]any{"step": 10., "val_spearman": .2}, map[string]any{"step": 20., "val_spearman": .1})
	if n := *numbers("loss", lines); n != (Numbers{29, 10.5, 1, 7, 20}) { // the end is the mean of 11 and 10
		t.Errorf("%+v", n)
	}
	if n := *numbers("val_spearman", lines); n != (Numbers{.2, .1, .2, 10, 2}) {
		t.Errorf("%+v", n)
	}
	if numbers("lr", lines) != nil {
		t.Error("numbers of what was not logged")
	}
}

// TestSameUntil: all losses of a step count, and the answer is a step, not a number of lines.
func TestSameUntil(t *testing.T) {
	log := func(change func(lines []map[string]any)) []map[string]any {
		var lines []map[string]any
		for step := 10.; step <= 40; step += 10 {
			lines = append(lines, map[string]any{"step": step, "loss": 3., "loss_mlm": 2., "lr": step, "seconds": step})
		}
		lines = append(lines[:2:2], append([]map[string]any{{"step": 20., "val_loss": 9.}}, lines[2:]...)...)
		change(lines)
		return lines
	}
	for _, c := range []struct {
		name   string
		change func(lines []map[string]any)
		want   int
	}{
		{"nothing", func([]map[string]any) {}, 40},
		{"the loss of the third line", func(l []map[string]any) { l[3]["loss"] = 3.1 }, 20},
		{"one loss of several", func(l []map[string]any) { l[1]["loss_mlm"] = 2.5 }, 10},
		{"a loss that the other lacks", func(l []map[string]any) { l[4]["loss_itm"] = 0. }, 30},
		{"a step", func(l []map[string]any) { l[1]["step"] = 15. }, 10},
		{"the first", func(l []map[string]any) { delete(l[0], "loss_mlm") }, 0},
		{"a validation", func(l []map[string]any) { l[2]["val_loss"] = 8. }, 40},
		{"a time", func(l []map[string]any) { l[0]["seconds"] = 1e3 }, 40},
	} {
		plain := log(func([]map[string]any) {})
		if got := sameUntil([][]map[string]any{plain, plain, log(c.change)}); got != c.want {
			t.Errorf("%s differs: the same until %d, want %d", c.name, got, c.want)
		}
	}
}
