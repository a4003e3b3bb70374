// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/results"
)

// drawCells draws every cell in a line of its own: on the left its seeds, their mean and its interval, on the right its
// difference to the baseline under the same seeds and pairs, which is known more closely.
func drawCells(t *results.Table) (*drawing, error) {
	cells := withScore(t.Rows())
	if len(cells) == 0 {
		return nil, errors.New("no cell has a score")
	}
	left := newPanel(studyTitle(t, t.Question), scoreLabel(t), "")
	right := newPanel("Difference to “"+string(t.Baseline)+"”\nunder the same seeds", "Difference in Spearman", "")
	d := &drawing{panels: [][]*plot.Plot{{left, right}}, header: cellHeader,
		alt: fmt.Sprintf("Spearman by cell of the study %s; %s; %s.", t.Study, intervalWords(t), sourceWords(t))}
	d.width, d.height = 8.6*vg.Inch, vg.Length(float64(len(cells)))*0.26*vg.Inch+1.3*vg.Inch
	var means, differences whiskered
	var dots plotter.XYs
	var labels, blanks []plot.Tick
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
		labels, blanks = append(labels, plot.Tick{Value: y, Label: string(c.Label)}), append(blanks, plot.Tick{Value: y})
		d.rows = append(d.rows, cellRow(c))
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
	left.Legend.Add(intervalWords(t), marks)
	left.Legend.Add("seeds", seeds)
	legendBelow(left)
	left.Legend.Left = true
	left.Legend.XOffs = vg.Points(6)
	for _, p := range d.panels[0] {
		p.Y.Min, p.Y.Max = -2.2, float64(len(cells))-0.4 // the legend lies below the cells
		space := 0.03 * (p.X.Max - p.X.Min)
		p.X.Min, p.X.Max = p.X.Min-space, p.X.Max+space
	}
	left.Y.Tick.Marker, right.Y.Tick.Marker = plot.ConstantTicks(labels), plot.ConstantTicks(blanks)
	return d, nil
}

// addUpright draws a vertical line along all cells.
func addUpright(p *plot.Plot, x float64, lines int) error {
	line, err := plotter.NewLine(plotter.XYs{{X: x, Y: -0.6}, {X: x, Y: float64(lines) - 0.4}})
	if err != nil {
		return err
	}
	line.Color, line.Width, line.Dashes = inkColor, vg.Points(0.8), []vg.Length{vg.Points(4), vg.Points(3)}
	p.Add(line)
	return nil
}
