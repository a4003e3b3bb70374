// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/run"
)

// Finetuning draws finetuning runs: the loss of the training batches with val_mse, and val_spearman with a ring around
// the state of which the weights were saved.
func Finetuning(runs ...run.Dir) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		all, err := readRuns(runs)
		if err != nil {
			return nil, err
		}
		loss := figure.NewPanel("Cosine against rank-normalised label (E6)", stepLabel(all), "mean squared error")
		spearman := figure.NewPanel("Order of the held-out pairs (E11)", stepLabel(all), "Spearman's correlation")
		spearman.Legend.Top = false
		spearman.Legend.YOffs = vg.Points(4)
		var values curveRows
		if err := finetuneLoss(loss, all, &values); err != nil {
			return nil, err
		}
		words := lossWords("Finetuning", all)
		for i, l := range all {
			said, err := finetuneOrder(spearman, l, runs[i], figure.LookOf(i), &values)
			if err != nil {
				return nil, err
			}
			words += said
		}
		for _, p := range []*plot.Plot{loss, spearman} {
			figure.Pad(p)
			p.X.Min = 0
		}
		return &figure.Drawing{Alt: words, Width: 7.4 * vg.Inch, Height: 3.1 * vg.Inch, Header: curveHeader, Rows: values.rows,
			Panels: [][]*plot.Plot{{loss, spearman}}}, nil
	}}
}

func finetuneLoss(p *plot.Plot, all []logged, values *curveRows) error {
	for i, l := range all {
		if err := addRaw(p, l.series("loss"), figure.LookOf(i)); err != nil {
			return err
		}
	}
	for i, l := range all {
		c := l.series("loss")
		if err := addSmooth(p, c, figure.LookOf(i), l.name+", training"); err != nil {
			return err
		}
		values.add("loss", c, true)
		val := l.series("val_mse")
		if len(val.y) == 0 {
			continue
		}
		if err := addMarks(p, val, figure.LookOf(i), l.name+", held out"); err != nil {
			return err
		}
		values.add("val_mse", val, false)
	}
	return nil
}

// selected is the step of the weights that a finished run saved, 0 for one that goes on.
func selected(dir run.Dir) (int, error) {
	var result struct {
		Step int `json:"selected_step"`
	}
	if err := jsonfile.Read(dir.Result(), &result); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	return result.Step, nil
}

// finetuneOrder draws one run's val_spearman, and a ring around the state that was saved, and describes it.
func finetuneOrder(p *plot.Plot, l logged, dir run.Dir, as figure.Look, values *curveRows) (string, error) {
	c := l.series("val_spearman")
	if len(c.y) == 0 {
		return "", nil
	}
	kept, err := selected(dir)
	if err != nil {
		return "", err
	}
	label, said := l.name, ""
	i := slices.Index(c.x, float64(kept))
	if i >= 0 {
		label = fmt.Sprintf("%s, kept %.3f at step %d", l.name, c.y[i], kept)
		said = fmt.Sprintf(" Of %s the state of step %d was kept, with val_spearman %.3f.", l.name, kept, c.y[i])
	}
	if err := addMarks(p, c, as, label); err != nil {
		return "", err
	}
	values.add("val_spearman", c, false)
	if i < 0 {
		return said, nil
	}
	mark, err := plotter.NewScatter(plotter.XYs{{X: c.x[i], Y: c.y[i]}})
	if err != nil {
		return "", err
	}
	mark.GlyphStyle = draw.GlyphStyle{Color: as.Color, Radius: vg.Points(6), Shape: draw.RingGlyph{}}
	p.Add(mark)
	return said, nil
}
