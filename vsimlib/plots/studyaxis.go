// SPDX-License-Identifier: Apache-2.0

package plots

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
	right := figure.NewPanel("Difference to “"+string(t.Baseline)+"”\nunder the same seeds", t.Axis.Label, "Difference in Spearman")
	d := &figure.Drawing{Panels: [][]*plot.Plot{{left, right}}, Width: 8.6 * vg.Inch, Height: 3.6 * vg.Inch, Header: cellHeader,
		Alt: fmt.Sprintf("Spearman by %s; %s; %s.", t.Axis.Label, intervalWords(t), sourceWords(t))}
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
	at, ticks := axisValues(*t.Axis, cells)
	onLeft, err := drawSeries(left, t, cells, series, at, asideOf(*t.Axis, ticks))
	if err != nil {
		return nil, err
	}
	onRight, err := drawSeries(right, t, differencesOf(cells, t.Baseline), series, at, nil)
	if err != nil {
		return nil, err
	}
	lines := len(series)
	if series[0] == "" {
		left.Legend.Add(intervalWords(t), onLeft.shown[0]...)
	} else {
		for i, name := range series {
			left.Legend.Add(name, onLeft.shown[i]...)
		}
		left.Legend.Add(intervalWords(t))
		lines++
	}
	widen(&left.Y, onLeft.low, onLeft.high, lines)
	legendBelow(left)
	low, high := aroundZero(onRight.low, onRight.high)
	widen(&right.Y, low, high, 0)
	if err := addLevel(right, 0, ticks); err != nil {
		return nil, err
	}
	scaleAxis(&left.X, t.Axis.Log, ticks)
	scaleAxis(&right.X, t.Axis.Log, ticks)
	return d, nil
}

// drawn is what a panel has of each series, and its range.
type drawn struct {
	shown     [][]plot.Thumbnailer
	low, high float64
}

// drawSeries draws the estimates of the cells, a line a series, and the scores of the seeds aside of them; a nil aside leaves these
// out. at maps a cell's value to the axis.
func drawSeries(p *plot.Plot, t *results.Table, cells []results.Cell, series []string, at map[float64]float64,
	aside func(float64) float64) (d drawn, err error) {
	d.low, d.high = math.Inf(1), math.Inf(-1)
	for i, name := range series {
		shift := 0.0
		if t.Axis.Even { // side by side, so that whiskers do not hide whiskers
			shift = 0.09 * (float64(i) - float64(len(series)-1)/2)
		}
		w, dots := seriesMarks(cells, name, func(x float64) float64 { return at[x] + shift }, aside)
		d.low, d.high = spread(w, dots, d.low, d.high)
		if len(dots) > 0 {
			if _, err := figure.AddDots(p, dots, figure.LookOf(i)); err != nil {
				return d, err
			}
		}
		shown, err := figure.AddEstimates(p, w, figure.LookOf(i), true)
		if err != nil {
			return d, err
		}
		d.shown = append(d.shown, shown)
	}
	return d, nil
}

// differencesOf are cells with their differences to the baseline in place of their scores; that of the baseline is zero.
func differencesOf(cells []results.Cell, baseline results.Label) []results.Cell {
	var list []results.Cell
	for _, c := range cells {
		switch {
		case c.Difference != nil:
			c.Spearman = c.Difference
		case c.Label == baseline:
			c.Spearman = &results.Estimate{}
		default:
			continue
		}
		list = append(list, c)
	}
	return list
}

// addLevel draws a horizontal line along the axis.
func addLevel(p *plot.Plot, y float64, ticks []plot.Tick) error {
	return addDashed(p, plotter.XY{X: ticks[0].Value, Y: y}, plotter.XY{X: ticks[len(ticks)-1].Value, Y: y})
}

// seriesMarks are the estimates of a series' cells, and the scores of their seeds aside of them.
func seriesMarks(cells []results.Cell, series string, at, aside func(float64) float64) (w figure.Whiskered, dots plotter.XYs) {
	for _, c := range sortedByX(cells) {
		if c.Series != "" && c.Series != series {
			continue
		}
		x := at(onAxis(c))
		w.Add(x, *c.Spearman)
		for _, s := range c.Scores {
			if s != nil && aside != nil {
				dots = append(dots, plotter.XY{X: aside(x), Y: *s})
			}
		}
	}
	return w, dots
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

// scaleAxis makes the axis logarithmic, or else gives it room at its ends.
func scaleAxis(axis *plot.Axis, log bool, ticks []plot.Tick) {
	axis.Tick.Marker = plot.ConstantTicks(ticks)
	if log {
		axis.Scale = plot.LogScale{}
		return
	}
	space := 0.04 * (axis.Max - axis.Min)
	axis.Min, axis.Max = axis.Min-space, axis.Max+space
}

func sortedByX(cells []results.Cell) []results.Cell {
	sorted := slices.Clone(cells)
	slices.SortStableFunc(sorted, func(a, b results.Cell) int { return cmp.Compare(onAxis(a), onAxis(b)) })
	return sorted
}

// axisValues are where the cells' values are drawn on the axis, and its ticks.
func axisValues(a results.Axis, cells []results.Cell) (at map[float64]float64, ticks []plot.Tick) {
	at = map[float64]float64{}
	for _, c := range sortedByX(cells) {
		x := onAxis(c)
		if _, ok := at[x]; ok {
			continue
		}
		at[x] = x
		if a.Even {
			at[x] = float64(len(at) - 1)
		}
		ticks = append(ticks, plot.Tick{Value: at[x], Label: tickLabel(x)})
	}
	return at, ticks
}

// asideOf moves a seed's mark aside from its cell, so that whiskers do not hide it.
func asideOf(a results.Axis, ticks []plot.Tick) func(x float64) float64 {
	first, last := ticks[0].Value, ticks[len(ticks)-1].Value
	if a.Log {
		factor := math.Pow(last/first, -0.012)
		return func(x float64) float64 { return x * factor }
	}
	shift := 0.012 * (last - first)
	return func(x float64) float64 { return x - shift }
}

// tickLabel writes whole numbers with their thousands apart, others with three digits.
func tickLabel(x float64) string {
	if x == math.Trunc(x) && x >= 0 && x < 1e9 {
		return text.Thousands(int(x))
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}
