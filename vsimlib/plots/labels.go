// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// Labels draws the "labels" of a results file: how many pairs have each value, and what rank-normalising makes of it.
func Labels(resultsFile string) Figure {
	return Figure{func() (*drawing, error) {
		var levels []results.LabelLevel
		if err := results.ReadKey(resultsFile, "labels", &levels); err != nil {
			return nil, err
		}
		if len(levels) < 2 {
			return nil, errors.New("labels of fewer than two values")
		}
		count := newPanel("How many pairs have each label", "label", "pairs")
		curve := newPanel("Rank-normalised (E5)", "label", "what is trained on")
		d := &drawing{width: 7.4 * vg.Inch, height: 3 * vg.Inch, header: []string{"label", "pairs", "rank_normalised"},
			panels: [][]*plot.Plot{{count, curve}}}
		var bars, line, even plotter.XYs
		half := 0.35 * (levels[len(levels)-1].Label - levels[0].Label) / float64(len(levels)-1)
		for _, l := range levels {
			bars = append(bars, plotter.XY{X: l.Label - half, Y: 0}, plotter.XY{X: l.Label - half, Y: float64(l.Pairs)},
				plotter.XY{X: l.Label + half, Y: float64(l.Pairs)}, plotter.XY{X: l.Label + half, Y: 0})
			line = append(line, plotter.XY{X: l.Label, Y: l.Normalized})
			even = append(even, plotter.XY{X: l.Label, Y: l.Label})
			d.rows = append(d.rows, []string{number(l.Label), strconv.Itoa(l.Pairs), number(l.Normalized)})
		}
		area, err := plotter.NewPolygon(bars)
		if err != nil {
			return nil, err
		}
		area.Color, area.LineStyle.Width = lookOf(0).color, 0
		count.Add(area)
		count.Y.Min = 0
		if err := addMarks(curve, curveOf(line), lookOf(0), "rank-normalised"); err != nil {
			return nil, err
		}
		if err := addLine(curve, curveOf(even), lookOf(1)); err != nil {
			return nil, err
		}
		curve.Legend.Top, curve.Legend.Left = true, true
		curve.Legend.XOffs = vg.Points(6)
		first, last := levels[0], levels[len(levels)-1]
		d.alt = fmt.Sprintf("Labels of %d values: %s pairs have %g, %s have %g. Rank-normalised, %g becomes %.3g and %g becomes %.3g.",
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
