// SPDX-License-Identifier: Apache-2.0

package studyplots

import (
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// drawCells draws every cell in a line of its own: on the left its seeds, their mean and its interval, on the right its
// difference to the baseline under the same seeds and pairs, which is known more closely.
func drawCells(t *results.Table) (*figure.Drawing, error) {
	cells := withScore(t.Rows())
	if len(cells) == 0 {
		return nil, errors.New("no cell has a score")
	}
	left := figure.NewPanel(studyTitle(t, t.Question), scoreLabel(t), "")
	right := figure.NewPanel(differenceTitle(t), "Difference in Spearman", "")
	d := &figure.Drawing{Panels: [][]*plot.Plot{{left, right}}, Header: cellHeader,
		Alt: fmt.Sprintf("Spearman by cell of the study %s; %s; %s; %s.", t.Study, intervalWords(t), rightWords(t), sourceWords(t))}
	d.Width, d.Height = 8.6*vg.Inch, vg.Length(float64(len(cells)))*0.26*vg.Inch+1.3*vg.Inch
	var labels, blanks []plot.Tick
	for i, c := range cells {
		y := float64(len(cells) - 1 - i)
		labels, blanks = append(labels, plot.Tick{Value: y, Label: string(c.Label)}), append(blanks, plot.Tick{Value: y})
		d.Rows = append(d.Rows, cellRow(c))
		d.Alt += fmt.Sprintf(" %s: %.3f.", c.Label, c.Spearman.Mean)
	}
	marks, seeds, err := addLines(left, cells, cells)
	if err != nil {
		return nil, err
	}
	if err := addUpright(right, len(cells)); err != nil {
		return nil, err
	}
	if _, _, err := addLines(right, cells, withoutBaseline(differencesOf(cells, t.Baseline), t.Baseline)); err != nil {
		return nil, err
	}
	left.Legend.Add(intervalWords(t), marks)
	if seeds != nil {
		left.Legend.Add("seeds", seeds)
	}
	legendBelow(left)
	left.Legend.Left = true
	left.Legend.XOffs = vg.Points(6)
	for _, p := range d.Panels[0] {
		p.Y.Min, p.Y.Max = -2.2, float64(len(cells))-0.4 // the legend is below the cells
		space := 0.03 * (p.X.Max - p.X.Min)
		p.X.Min, p.X.Max = p.X.Min-space, p.X.Max+space
	}
	right.X.Min, right.X.Max = aroundZero(right.X.Min, right.X.Max)
	left.Y.Tick.Marker, right.Y.Tick.Marker = plot.ConstantTicks(labels), plot.ConstantTicks(blanks)
	right.Y.Tick.Length = 0
	return d, nil
}

// withoutBaseline leaves out the baseline, of which no difference is known but zero.
func withoutBaseline(cells []results.Cell, baseline results.Label) []results.Cell {
	return slices.DeleteFunc(cells, func(c results.Cell) bool { return c.Label == baseline })
}

// addLines draws what cells have, each in its line among all cells: its mean with the interval, and below it the seeds.
func addLines(p *plot.Plot, all, cells []results.Cell) (marks, seeds plot.Thumbnailer, err error) {
	var means figure.Whiskered
	var dots plotter.XYs
	for _, c := range cells {
		y := float64(len(all) - 1 - slices.IndexFunc(all, func(a results.Cell) bool { return a.Label == c.Label }))
		means.Add(y, *c.Spearman)
		for _, s := range c.Scores {
			if s != nil {
				dots = append(dots, plotter.XY{X: *s, Y: y - 0.3})
			}
		}
	}
	if len(dots) > 0 {
		if seeds, err = figure.AddDots(p, dots, figure.LookOf(2)); err != nil {
			return nil, nil, err
		}
	}
	if means.Len() > 0 {
		marks, err = figure.AddSideways(p, means, figure.LookOf(0))
	}
	return marks, seeds, err
}

// aroundZero widens a range so that a tenth of it is on either side of zero.
func aroundZero(low, high float64) (float64, float64) {
	edge := 0.1 * (high - low)
	return min(low, -edge), max(high, edge)
}

// addUpright draws a vertical line at zero along all cells.
func addUpright(p *plot.Plot, lines int) error {
	return addDashed(p, plotter.XY{Y: -0.6}, plotter.XY{Y: float64(lines) - 0.4})
}

// addDashed draws a dashed line that values are compared with.
func addDashed(p *plot.Plot, from, to plotter.XY) error {
	dashed := figure.Look{Color: figure.InkColor, Dash: []vg.Length{vg.Points(4), vg.Points(3)}}
	return figure.AddLine(p, plotter.XYs{from, to}, 0.8, dashed, "")
}
