// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/run"
)

// tasks are the panels of Pretraining.
var tasks = []struct{ series, title, unit string }{
	{"loss", "All tasks, weighted (E4)", "loss"},
	{"loss_tag", "Tags: binary cross-entropy (E1)", "nats a tag"},
	{"loss_mlm", "Masked words: cross-entropy (E2)", "nats a word"},
	{"loss_mfm", "Masked frames: contrastive (E3)", "nats a frame"},
}

// Pretraining draws the losses of pretraining runs by task over their steps: every step pale, its surroundings' mean over
// it, and with marks the validation on videos that are trained on too.
func Pretraining(runs ...run.Dir) Figure {
	return Figure{func() (*drawing, error) {
		all, err := readRuns(runs)
		if err != nil {
			return nil, err
		}
		d := &drawing{width: 7.4 * vg.Inch, height: 5.2 * vg.Inch, header: curveHeader, panels: [][]*plot.Plot{{nil, nil}, {nil, nil}}}
		var numbers table
		for i, task := range tasks {
			p := newPanel(task.title, stepLabel(all), task.unit)
			if err := lossPanel(p, all, task.series, &numbers, i == 0); err != nil {
				return nil, err
			}
			d.panels[i/2][i%2] = p
		}
		d.rows, d.alt = numbers.rows, lossWords("Pretraining", all)
		return d, nil
	}}
}

// lossPanel draws one loss of all runs.
func lossPanel(p *plot.Plot, all []logged, series string, numbers *table, legend bool) error {
	for i, l := range all { // what is pale lies below all the rest
		if err := addRaw(p, l.series(series), lookOf(i)); err != nil {
			return err
		}
	}
	for i, l := range all {
		c, label := l.series(series), ""
		if legend {
			label = fmt.Sprintf("%s, mean of %d steps", l.name, window(len(c.y)))
		}
		if err := addSmooth(p, c, lookOf(i), label); err != nil {
			return err
		}
		numbers.add(series, c, true)
		val := l.series("val_" + series)
		if len(val.y) == 0 {
			continue
		}
		if legend {
			label = l.name + ", validation"
		}
		if err := addMarks(p, val, lookOf(i), label); err != nil {
			return err
		}
		numbers.add("val_"+series, val, false)
	}
	logWhere(p)
	p.X.Min = 0
	return nil
}

// stepLabel names the axis of steps, with what an epoch is where all runs agree on it.
func stepLabel(all []logged) string {
	per := all[0].perEpoch
	for _, l := range all {
		if l.perEpoch != per {
			return "step"
		}
	}
	if per < 2 {
		return "step"
	}
	return fmt.Sprintf("step (%.0f an epoch)", per)
}

// lossWords says how the smoothed loss of each run went.
func lossWords(what string, all []logged) string {
	var parts []string
	for _, l := range all {
		c := l.series("loss")
		if len(c.y) == 0 {
			continue
		}
		mean := smooth(c.y)
		middle := mean[len(mean)/2]
		parts = append(parts, fmt.Sprintf("%s from %.3g in its first steps to %.3g half way and %.3g at the end, step %.0f", l.name, mean[0], middle, mean[len(mean)-1], c.x[len(c.x)-1]))
	}
	return what + " losses over training steps: " + strings.Join(parts, "; ") + "."
}
