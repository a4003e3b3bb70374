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

// drawAxis draws the score along the study's axis, a line a series. A cell without a series is a point of each.
func drawAxis(t *results.Table) (*figure.Drawing, error) {
	cells := withScore(t.Cells)
	if len(cells) == 0 {
		return nil, errors.New("no cell has a score")
	}
	p := figure.NewPanel(studyTitle(t, t.Question), t.Axis.Label, scoreLabel(t))
	d := &figure.Drawing{Panels: [][]*plot.Plot{{p}}, Width: 6.2 * vg.Inch, Height: 3.9 * vg.Inch, Header: cellHeader,
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
	low, high, aside := 1., -1., asideOf(*t.Axis, ticks)
	for i, name := range series {
		shift := 0.0
		if t.Axis.Even { // side by side, so that whiskers do not hide whiskers
			shift = 0.09 * (float64(i) - float64(len(series)-1)/2)
		}
		w, dots := seriesMarks(cells, name, func(x float64) float64 { return at[x] + shift }, aside)
		low, high = spread(w, dots, low, high)
		if _, err := figure.AddDots(p, dots, figure.LookOf(i)); err != nil {
			return nil, err
		}
		shown, err := figure.AddEstimates(p, w, figure.LookOf(i), true)
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = intervalWords(t)
		}
		p.Legend.Add(name, shown...)
	}
	lines := len(series)
	if series[0] != "" {
		p.Legend.Add(intervalWords(t))
		lines++
	}
	widen(&p.Y, low, high, lines)
	legendBelow(p)
	scaleAxis(&p.X, t.Axis.Log, ticks)
	return d, nil
}

// seriesMarks are the estimates of a series' cells, and the scores of their seeds aside of them. at maps a cell's value to the
// axis.
func seriesMarks(cells []results.Cell, series string, at, aside func(float64) float64) (w figure.Whiskered, dots plotter.XYs) {
	for _, c := range sortedByX(cells) {
		if c.Series != "" && c.Series != series {
			continue
		}
		x := at(onAxis(c))
		w.Add(x, *c.Spearman)
		for _, s := range c.Scores {
			if s != nil {
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
