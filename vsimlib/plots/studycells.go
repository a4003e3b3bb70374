// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

var cellHeader = []string{"cell", "series", "x", "mean", "low", "high", "by seed"}

// drawCells draws every cell in a line of its own: its seeds, their mean and its interval; the baseline's mean goes through all.
func (t *studyTable) drawCells() (*drawing, error) {
	cells := t.Cells
	if t.Ensembles != nil {
		cells = append(append([]studyCell(nil), cells...), t.Ensembles.Joined...)
	}
	cells = done(cells)
	if len(cells) == 0 {
		return nil, errors.New("no cell has a score")
	}
	p := newPanel(t.Question, t.spearmanLabel(), "")
	d := &drawing{panels: [][]*plot.Plot{{p}}, header: cellHeader, alt: fmt.Sprintf("Spearman by cell of the study %s; %s; %s.", t.Study, t.intervalWords(), t.source())}
	d.width, d.height = 7.4*vg.Inch, vg.Length(float64(len(cells)))*0.27*vg.Inch+1.2*vg.Inch
	var means whiskered
	var dots plotter.XYs
	var ticks []plot.Tick
	for i, c := range cells {
		y := float64(len(cells) - 1 - i)
		means.add(y, *c.Spearman)
		for _, s := range c.Scores {
			if s != nil {
				dots = append(dots, plotter.XY{X: *s, Y: y - 0.28})
			}
		}
		ticks = append(ticks, plot.Tick{Value: y, Label: c.Label})
		d.rows = append(d.rows, c.row())
		d.alt += fmt.Sprintf(" %s: %.3f.", c.Label, c.Spearman.Mean)
		if c.Label == t.Baseline {
			if err := addUpright(p, c.Spearman.Mean, len(cells)); err != nil {
				return nil, err
			}
		}
	}
	seeds, err := addDots(p, dots, lookOf(2))
	if err != nil {
		return nil, err
	}
	marks, err := addSideways(p, means, lookOf(0))
	if err != nil {
		return nil, err
	}
	p.Legend.Add(t.intervalWords(), marks)
	p.Legend.Add("seeds", seeds)
	p.Legend.Top, p.Legend.Left = false, true
	p.Y.Min, p.Y.Max = -2.1, float64(len(cells))-0.4 // the legend lies below the cells
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	return d, nil
}

// addUpright draws the baseline's mean through all lines.
func addUpright(p *plot.Plot, x float64, lines int) error {
	line, err := plotter.NewLine(plotter.XYs{{X: x, Y: -0.6}, {X: x, Y: float64(lines) - 0.4}})
	if err != nil {
		return err
	}
	line.Color, line.Width, line.Dashes = pale(inkColor), vg.Points(1), []vg.Length{vg.Points(4), vg.Points(3)}
	p.Add(line)
	return nil
}

// row is the cell's line of the CSV.
func (c studyCell) row() []string {
	by := ""
	for i, s := range c.Scores {
		if i > 0 {
			by += " "
		}
		if s != nil {
			by += number(*s)
			continue
		}
		by += "failed"
	}
	return []string{c.Label, c.Series, number(c.X), number(c.Spearman.Mean), number(c.Spearman.Low), number(c.Spearman.High), by}
}

// widen gives an axis of scores room for its marks.
func widen(axis *plot.Axis, low, high float64) {
	space := math.Max(0.005, 0.08*(high-low))
	axis.Min, axis.Max = low-space, high+space
}
