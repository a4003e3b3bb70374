// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/run"
	"vsim/vsimlib/text"
)

// Curves draws one number of metrics.jsonl over the steps of any runs, such as grad_norm; unit names its axis ("": the number's
// name).
func Curves(metric, unit string, runs ...run.Dir) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		all, err := readRuns(runs)
		if err != nil {
			return nil, err
		}
		return overlay(all, []metricPanel{{metric, cmp.Or(unit, metric)}})
	}}
}

// overlaid are the panels of Overlay.
var overlaid = []metricPanel{{"loss", "loss of a step"}, {"val_loss", "validation loss"},
	{"val_spearman", "Spearman's correlation"}, {"val_mse", "mean squared error"}}

// Overlay draws the runs' losses, and what they were validated by, over one another.
func Overlay(runs ...run.Dir) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		all, err := readRuns(runs)
		if err != nil {
			return nil, err
		}
		var panels []metricPanel
		for _, m := range overlaid {
			if slices.ContainsFunc(all, func(l logged) bool { return len(l.series(m.name).y) > 0 }) {
				panels = append(panels, m)
			}
		}
		return overlay(all, panels)
	}}
}

// metricPanel is a number of the log, and the label of its axis.
type metricPanel struct{ name, unit string }

// overlay draws a panel for each number, two in a row.
func overlay(all []logged, panels []metricPanel) (*figure.Drawing, error) {
	d := &figure.Drawing{Width: 7.4 * vg.Inch, Height: vg.Length((len(panels)+1)/2) * 2.9 * vg.Inch, Header: curveHeader}
	if len(panels) == 1 {
		d.Width = 5 * vg.Inch
	}
	var values curveRows
	for i, m := range panels {
		p := figure.NewPanel(m.name, stepLabel(all), m.unit)
		said, err := drawMetric(p, all, m.name, &values, i == 0)
		if err != nil {
			return nil, err
		}
		if i%2 == 0 {
			d.Panels = append(d.Panels, make([]*plot.Plot, min(2, len(panels))))
		}
		d.Panels[i/2][i%2] = p
		d.Alt += said
	}
	d.Rows = values.rows
	return d, nil
}

// few is how many points are drawn as marks; more are drawn pale, with their means over them.
const few = 40

// drawMetric draws one number of all runs that logged it, and describes it.
func drawMetric(p *plot.Plot, all []logged, name string, values *curveRows, legend bool) (string, error) {
	var said []string
	for i, l := range all {
		c, as, label := l.series(name), figure.LookOfMany(i), ""
		if len(c.y) == 0 {
			continue
		}
		if legend {
			label = l.name
		}
		many := len(c.y) > few
		var err error
		if many {
			if err = addRaw(p, c, as); err == nil {
				err = addSmooth(p, c, as, label)
			}
		} else {
			err = addMarks(p, c, as, label)
		}
		if err != nil {
			return "", err
		}
		values.add(name, c, many)
		last := len(c.y) - 1
		said = append(said, fmt.Sprintf("%s from %.3g to %.3g at step %.0f", l.name, c.y[0], c.y[last], c.x[last]))
	}
	if len(said) == 0 {
		return "", noMetric(all, name)
	}
	figure.Pad(p)
	p.X.Min = 0
	return fmt.Sprintf("%s over training steps: %s. ", name, strings.Join(said, "; ")), nil
}

// noMetric says which numbers the runs logged.
func noMetric(all []logged, name string) error {
	found := map[string]bool{}
	for _, l := range all {
		for _, line := range l.lines {
			for known := range run.Numbers(line, "") {
				found[known] = true
			}
		}
	}
	names := slices.Sorted(maps.Keys(found))
	return fmt.Errorf("no run logged %q; the nearest is %q of %s", name, text.Nearest(name, names), strings.Join(names, ", "))
}
