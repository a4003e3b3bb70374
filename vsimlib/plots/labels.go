// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// Labels draws the "labels" of a results file: how many pairs have each value, and what rank-normalising makes of it.
func Labels(resultsFile string) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		var levels []results.LabelLevel
		if err := results.ReadKey(resultsFile, "labels", &levels); err != nil {
			return nil, err
		}
		if len(levels) < 2 {
			return nil, errors.New("labels of fewer than two values")
		}
		count := figure.NewPanel("How many pairs have each label", "label", "pairs")
		curve := figure.NewPanel("Rank-normalised (E5)", "label", "what is trained on")
		d := &figure.Drawing{Width: 7.4 * vg.Inch, Height: 3 * vg.Inch, Header: []string{"label", "pairs", "rank_normalised"},
			Panels: [][]*plot.Plot{{count, curve}}}
		var bars, line, even plotter.XYs
		half := 0.35 * (levels[len(levels)-1].Label - levels[0].Label) / float64(len(levels)-1)
		for _, l := range levels {
			bars = append(bars, plotter.XY{X: l.Label - half, Y: 0}, plotter.XY{X: l.Label - half, Y: float64(l.Pairs)},
				plotter.XY{X: l.Label + half, Y: float64(l.Pairs)}, plotter.XY{X: l.Label + half, Y: 0})
			line = append(line, plotter.XY{X: l.Label, Y: l.Normalized})
			even = append(even, plotter.XY{X: l.Label, Y: l.Label})
			d.Rows = append(d.Rows, []string{figure.Number(l.Label), strconv.Itoa(l.Pairs), figure.Number(l.Normalized)})
		}
		area, err := plotter.NewPolygon(bars)
		if err != nil {
			return nil, err
		}
		area.Color, area.LineStyle.Width = figure.LookOf(0).Color, 0
		count.Add(area)
		count.Y.Min = 0
		if err := addMarks(curve, curveOf(line), figure.LookOf(0), "rank-normalised"); err != nil {
			return nil, err
		}
		if err := addLine(curve, curveOf(even), figure.LookOf(1), "label as it is"); err != nil {
			return nil, err
		}
		curve.Legend.Top, curve.Legend.Left = true, true
		curve.Legend.XOffs = vg.Points(6)
		first, last := levels[0], levels[len(levels)-1]
		d.Alt = fmt.Sprintf("Labels of %d values: %s pairs have %g, %s have %g. Rank-normalised, %g becomes %.3g and %g becomes %.3g.",
			len(levels), text.Thousands(first.Pairs), first.Label, text.Thousands(last.Pairs), last.Label,
			levels[1].Label, levels[1].Normalized, last.Label, last.Normalized)
		return d, nil
	}}
}

func curveOf(points plotter.XYs) curve {
	var c curve
	for _, p := range points {
		c.x, c.y = append(c.x, p.X), append(c.y, p.Y)
	}
	return c
}
