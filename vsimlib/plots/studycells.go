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

var cellHeader = []string{"cell", "series", "x", "mean", "low", "high", "difference", "difference low", "difference high", "by seed"}

// drawCells draws every cell in a line of its own: on the left its seeds, their mean and its interval, on the right its difference to the
// baseline under the same seeds and pairs, which is known more closely.
func (t *studyTable) drawCells() (*drawing, error) {
	cells := t.Cells
	if t.Ensembles != nil {
		cells = append(append([]studyCell(nil), cells...), t.Ensembles.Joined...)
	}
	cells = done(cells)
	if len(cells) == 0 {
		return nil, errors.New("no cell has a score")
	}
	left, right := newPanel(t.title(t.Question), t.spearmanLabel(), ""), newPanel("Difference to “"+t.Baseline+"”\nunder the same seeds", "Difference in Spearman", "")
	d := &drawing{panels: [][]*plot.Plot{{left, right}}, header: cellHeader, alt: fmt.Sprintf("Spearman by cell of the study %s; %s; %s.", t.Study, t.intervalWords(), t.source())}
	d.width, d.height = 8.6*vg.Inch, vg.Length(float64(len(cells)))*0.26*vg.Inch+1.3*vg.Inch
	var means, differences whiskered
	var dots plotter.XYs
	var names, lines []plot.Tick
	for i, c := range cells {
		y := float64(len(cells) - 1 - i)
		means.add(y, *c.Spearman)
		if c.Difference != nil {
			differences.add(y, *c.Difference)
		}
		for _, s := range c.Scores {
			if s != nil {
				dots = append(dots, plotter.XY{X: *s, Y: y - 0.3})
			}
		}
		names, lines = append(names, plot.Tick{Value: y, Label: c.Label}), append(lines, plot.Tick{Value: y})
		d.rows = append(d.rows, c.row())
		d.alt += fmt.Sprintf(" %s: %.3f.", c.Label, c.Spearman.Mean)
	}
	seeds, err := addDots(left, dots, lookOf(2))
	if err != nil {
		return nil, err
	}
	marks, err := addSideways(left, means, lookOf(0))
	if err != nil {
		return nil, err
	}
	if err := addUpright(right, 0, len(cells)); err != nil {
		return nil, err
	}
	if len(differences.at) > 0 {
		if _, err := addSideways(right, differences, lookOf(0)); err != nil {
			return nil, err
		}
	}
	left.Legend.Add(t.intervalWords(), marks)
	left.Legend.Add("seeds", seeds)
	legendBelow(left)
	left.Legend.Left = true
	left.Legend.XOffs = vg.Points(6)
	for _, p := range d.panels[0] {
		p.Y.Min, p.Y.Max = -2.2, float64(len(cells))-0.4 // the legend lies below the cells
		space := 0.03 * (p.X.Max - p.X.Min)
		p.X.Min, p.X.Max = p.X.Min-space, p.X.Max+space
	}
	left.Y.Tick.Marker, right.Y.Tick.Marker = plot.ConstantTicks(names), plot.ConstantTicks(lines)
	return d, nil
}

// addUpright draws a line through all lines of cells.
func addUpright(p *plot.Plot, x float64, lines int) error {
	line, err := plotter.NewLine(plotter.XYs{{X: x, Y: -0.6}, {X: x, Y: float64(lines) - 0.4}})
	if err != nil {
		return err
	}
	line.Color, line.Width, line.Dashes = inkColor, vg.Points(0.8), []vg.Length{vg.Points(4), vg.Points(3)}
	p.Add(line)
	return nil
}

// legendBelow puts the legend into the lower corner, clear of the axis.
func legendBelow(p *plot.Plot) {
	p.Legend.Top, p.Legend.YOffs = false, vg.Points(5)
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
	row := []string{c.Label, c.Series, number(c.X), number(c.Spearman.Mean), number(c.Spearman.Low), number(c.Spearman.High), "", "", ""}
	if e := c.Difference; e != nil {
		row[6], row[7], row[8] = number(e.Mean), number(e.Low), number(e.High)
	}
	return append(row, by)
}

// widen gives an axis of scores room for its marks, and for so many lines of a legend below them.
func widen(axis *plot.Axis, low, high float64, lines int) {
	span := math.Max(0.02, high-low)
	axis.Min, axis.Max = low-(0.05+0.075*float64(lines))*span, high+0.05*span
}
