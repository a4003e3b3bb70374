// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/run"
)

// tasks are the panels of Pretraining.
var tasks = []struct{ series, title, unit string }{
	{"loss", "All tasks, weighted (E4)", "loss"},
	{"loss_tag", "Tags: binary cross-entropy (E1)", "nats a tag"},
	{"loss_mlm", "Masked tokens: cross-entropy (E2)", "nats a token"},
	{"loss_mfm", "Masked frames: contrastive (E3)", "nats a frame"},
}

// Pretraining draws the losses of pretraining runs by task over their steps: every step pale, its surroundings' mean over
// it, and with marks the validation on videos that are trained on too.
func Pretraining(runs ...run.Dir) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		all, err := readRuns(runs)
		if err != nil {
			return nil, err
		}
		d := &figure.Drawing{Width: 7.4 * vg.Inch, Height: 5.2 * vg.Inch, Header: curveHeader,
			Panels: [][]*plot.Plot{{nil, nil}, {nil, nil}}}
		var values curveRows
		for i, task := range tasks {
			p := figure.NewPanel(task.title, stepLabel(all), task.unit)
			if err := lossPanel(p, all, task.series, &values, i == 0); err != nil {
				return nil, err
			}
			d.Panels[i/2][i%2] = p
		}
		d.Rows, d.Alt = values.rows, lossWords("Pretraining", all)
		return d, nil
	}}
}

// lossPanel draws one loss of all runs.
func lossPanel(p *plot.Plot, all []logged, series string, values *curveRows, legend bool) error {
	for i, l := range all { // what is pale is below all the rest
		if err := addRaw(p, l.series(series), figure.LookOf(i)); err != nil {
			return err
		}
	}
	for i, l := range all {
		c, label := l.series(series), ""
		if legend {
			label = fmt.Sprintf("%s, mean of %d steps", l.name, window(len(c.y)))
		}
		if err := addSmooth(p, c, figure.LookOf(i), label); err != nil {
			return err
		}
		values.add(series, c, true)
		val := l.series("val_" + series)
		if len(val.y) == 0 {
			continue
		}
		if legend {
			label = l.name + ", validation"
		}
		if err := addMarks(p, val, figure.LookOf(i), label); err != nil {
			return err
		}
		values.add("val_"+series, val, false)
	}
	figure.LogWhere(p)
	p.X.Min = 0
	return nil
}
