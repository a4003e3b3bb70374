// SPDX-License-Identifier: Apache-2.0

package studyplots

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// drawAxis draws along the study's axis, a line a series, the score on the left, and on the right its difference to the baseline
// under the same seeds and pairs, which is known more closely. A cell without a series is a point of each.
func drawAxis(t *results.Table) (*figure.Drawing, error) {
	cells := withScore(t.Cells)
	if len(cells) == 0 {
		return nil, errors.New("no cell has a score")
	}
	left := figure.NewPanel(studyTitle(t, t.Question), t.Axis.Label, scoreLabel(t))
	right := figure.NewPanel(differenceTitle(t), t.Axis.Label, "Difference in Spearman")
	d := &figure.Drawing{Panels: [][]*plot.Plot{{left, right}}, Width: 8.6 * vg.Inch, Height: 3.6 * vg.Inch, Header: cellHeader,
		Alt: fmt.Sprintf("Spearman by %s; %s; %s; %s.", t.Axis.Label, intervalWords(t), rightWords(t), sourceWords(t))}
	var series []string
	for _, c := range cells {
		if c.Series != "" && !slices.Contains(series, c.Series) {
			series = append(series, c.Series)
		}
		d.Rows = append(d.Rows, cellRow(c))
		d.Alt += fmt.Sprintf(" %s: %.3f.", c.Label, c.Spearman.Mean)
	}
	if len(series) == 0 {
		series = []string{""}
	}
	axis := axisOf(*t.Axis, cells)
	onLeft, err := drawSeries(left, axis, cells, series)
	if err != nil {
		return nil, err
	}
	onRight, err := drawSeries(right, axis, differencesOf(cells, t.Baseline), series)
	if err != nil {
		return nil, err
	}
	lines := 1 + len(series)
	if series[0] == "" {
		left.Legend.Add(intervalWords(t), onLeft.shown[0]...)
	} else {
		left.Legend.Add(intervalWords(t) + ":")
		for i, name := range series {
			left.Legend.Add(name, onLeft.shown[i]...)
		}
		lines++
	}
	if onLeft.seeds != nil {
		left.Legend.Add("seeds", onLeft.seeds)
	}
	widen(&left.Y, onLeft.low, onLeft.high, lines)
	legendBelow(left)
	low, high := aroundZero(onRight.low, onRight.high)
	widen(&right.Y, low, high, 0)
	if err := addLevel(right, axis.ticks); err != nil {
		return nil, err
	}
	scaleAxis(&left.X, axis.ticks)
	scaleAxis(&right.X, axis.ticks)
	return d, nil
}

// drawn is what a panel has of each series, and its range.
type drawn struct {
	shown     [][]plot.Thumbnailer
	seeds     plot.Thumbnailer // nil: none
	low, high float64
}

// drawSeries draws the estimates of the cells, a line a series, and the scores of the seeds aside of them.
func drawSeries(p *plot.Plot, axis valueAxis, cells []results.Cell, series []string) (d drawn, err error) {
	d.low, d.high = math.Inf(1), math.Inf(-1)
	for i, name := range series {
		shift := axis.beside * (float64(i) - float64(len(series)-1)/2)
		apart, joined, dots := seriesMarks(cells, name, axis, shift)
		for _, w := range []figure.Whiskered{apart, joined} {
			d.low, d.high = spread(w, dots, d.low, d.high)
		}
		if len(dots) > 0 {
			if d.seeds, err = figure.AddDots(p, dots, figure.LookOf(i)); err != nil {
				return d, err
			}
		}
		var shown []plot.Thumbnailer
		for _, w := range []figure.Whiskered{apart, joined} {
			if w.Len() == 0 {
				continue
			}
			if shown, err = figure.AddEstimates(p, w, figure.LookOf(i)); err != nil {
				return d, err
			}
		}
		d.shown = append(d.shown, shown)
	}
	return d, nil
}

// differencesOf are cells with their differences to the baseline in place of their scores, also under each seed; that of the
// baseline is zero.
func differencesOf(cells []results.Cell, baseline results.Label) []results.Cell {
	var base []*float64
	for _, c := range cells {
		if c.Label == baseline {
			base = c.Scores
		}
	}
	var list []results.Cell
	for _, c := range cells {
		switch {
		case c.Difference != nil:
			c.Spearman, c.Scores = c.Difference, paired(c.Scores, base)
		case c.Label == baseline:
			c.Spearman, c.Scores = &results.Estimate{}, nil
		default:
			continue
		}
		list = append(list, c)
	}
	return list
}

// paired are scores less the baseline's under the same seeds; null where one of them failed.
func paired(scores, base []*float64) []*float64 {
	list := make([]*float64, len(scores))
	for i, s := range scores {
		if i < len(base) && s != nil && base[i] != nil {
			list[i] = new(*s - *base[i])
		}
	}
	return list
}

// addLevel draws a horizontal line at zero along the axis.
func addLevel(p *plot.Plot, ticks []plot.Tick) error {
	return addDashed(p, plotter.XY{X: ticks[0].Value}, plotter.XY{X: ticks[len(ticks)-1].Value})
}

// seriesMarks are the estimates of a series' cells, those that no line joins to the others apart, and the scores of their seeds
// aside of them.
func seriesMarks(cells []results.Cell, series string, axis valueAxis, shift float64) (apart, joined figure.Whiskered,
	dots plotter.XYs) {
	for _, c := range sortedByX(cells) {
		if c.Series != "" && c.Series != series {
			continue
		}
		x := axis.at[onAxis(c)]
		if axis.shared[onAxis(c)] {
			x += shift
		}
		if axis.broken && onAxis(c) == 0 {
			apart.Add(x, *c.Spearman)
		} else {
			joined.Add(x, *c.Spearman)
		}
		for _, s := range c.Scores {
			if s != nil {
				dots = append(dots, plotter.XY{X: axis.aside(x), Y: *s})
			}
		}
	}
	return apart, joined, dots
}

// spread widens a range so that it covers intervals and scores.
func spread(w figure.Whiskered, dots plotter.XYs, low, high float64) (float64, float64) {
	for _, e := range w.List {
		low, high = min(low, e.Low), max(high, e.High)
	}
	for _, dot := range dots {
		low, high = min(low, dot.Y), max(high, dot.Y)
	}
	return low, high
}

// scaleAxis gives the axis its ticks, and room at its ends.
func scaleAxis(axis *plot.Axis, ticks []plot.Tick) {
	axis.Tick.Marker = plot.ConstantTicks(ticks)
	space := 0.04 * (axis.Max - axis.Min)
	axis.Min, axis.Max = axis.Min-space, axis.Max+space
}

func sortedByX(cells []results.Cell) []results.Cell {
	sorted := slices.Clone(cells)
	slices.SortStableFunc(sorted, func(a, b results.Cell) int { return cmp.Compare(onAxis(a), onAxis(b)) })
	return sorted
}

// valueAxis is where cells are drawn by their values.
type valueAxis struct {
	at     map[float64]float64 // by value
	ticks  []plot.Tick
	shared map[float64]bool        // values that several series have
	beside float64                 // how far series are apart there, so that whiskers do not hide whiskers
	aside  func(x float64) float64 // where the marks of seeds are, so that whiskers do not hide them
	broken bool                    // no line joins 0 to the other values
}

// axisOf places the values of the cells. On a logarithmic axis a zero is left of a break; with values below zero it becomes one of
// equal distances.
func axisOf(a results.Axis, cells []results.Cell) valueAxis {
	var values []float64
	for _, c := range sortedByX(cells) {
		values = append(values, onAxis(c))
	}
	values = slices.Compact(values)
	v := valueAxis{at: map[float64]float64{}, shared: map[float64]bool{}}
	for _, x := range values {
		n := 0
		for _, c := range cells {
			if onAxis(c) == x {
				n++
			}
		}
		v.shared[x] = n > 1 || slices.ContainsFunc(cells, func(c results.Cell) bool { return onAxis(c) == x && c.Series == "" })
	}
	for i, x := range values {
		v.at[x] = x
		if a.Even || a.Log {
			v.at[x] = float64(i)
		}
	}
	if a.Log {
		v.byLogarithm(values)
	}
	for _, x := range values {
		v.ticks = append(v.ticks, plot.Tick{Value: v.at[x], Label: tickLabel(x)})
	}
	if v.broken {
		v.ticks = slices.Insert(v.ticks, 1, plot.Tick{Value: (v.ticks[0].Value + v.ticks[1].Value) / 2, Label: "//"})
	}
	span := v.ticks[len(v.ticks)-1].Value - v.ticks[0].Value
	if a.Even || a.Log {
		v.beside = 0.03 * span
	}
	v.aside = func(x float64) float64 { return x - 0.018*span }
	return v
}

// byLogarithm places sorted values by their logarithms, where at least two are above zero and none below.
func (v *valueAxis) byLogarithm(values []float64) {
	above := values
	if values[0] == 0 {
		above = values[1:]
	}
	if len(above) < 2 || above[0] < 0 {
		return
	}
	for _, x := range above {
		v.at[x] = math.Log10(x)
	}
	if len(above) < len(values) {
		least, most := v.at[above[0]], v.at[above[len(above)-1]]
		v.at[0], v.broken = least-0.2*(most-least), true
	}
}

// tickLabel writes whole numbers with their thousands apart, others with three digits.
func tickLabel(x float64) string {
	if x == math.Trunc(x) && x >= 0 && x < 1e9 {
		return text.Thousands(int(x))
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}
