// SPDX-License-Identifier: Apache-2.0

package plots

import (
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
	places, ticks := axisPlaces(*t.Axis, cells)
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
	low, high, aside := 1., -1., asideOf(*t.Axis, ticks)
	for i, name := range series {
		var w figure.Whiskered
		var dots plotter.XYs
		for _, c := range sortedByX(cells) {
			if c.Series != "" && c.Series != name {
				continue
			}
			x := places[onAxis(c)]
			if t.Axis.Even { // beside each other, so that whiskers do not hide whiskers
				x += 0.09 * (float64(i) - float64(len(series)-1)/2)
			}
			w.Add(x, *c.Spearman)
			low, high = min(low, c.Spearman.Low), max(high, c.Spearman.High)
			for _, s := range c.Scores {
				if s != nil {
					dots = append(dots, plotter.XY{X: aside(x), Y: *s})
					low, high = min(low, *s), max(high, *s)
				}
			}
		}
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
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
	if t.Axis.Log {
		p.X.Scale = plot.LogScale{}
	} else {
		space := 0.04 * (p.X.Max - p.X.Min)
		p.X.Min, p.X.Max = p.X.Min-space, p.X.Max+space
	}
	return d, nil
}

func sortedByX(cells []results.Cell) []results.Cell {
	sorted := slices.Clone(cells)
	slices.SortStableFunc(sorted, func(a, b results.Cell) int {
		switch {
		case onAxis(a) < onAxis(b):
			return -1
		case onAxis(a) > onAxis(b):
			return 1
		}
		return 0
	})
	return sorted
}

// axisPlaces are where the cells' values are drawn on the axis, and its ticks.
func axisPlaces(a results.Axis, cells []results.Cell) (map[float64]float64, []plot.Tick) {
	places := map[float64]float64{}
	var ticks []plot.Tick
	for _, c := range sortedByX(cells) {
		if _, ok := places[onAxis(c)]; ok {
			continue
		}
		places[onAxis(c)] = onAxis(c)
		if a.Even {
			places[onAxis(c)] = float64(len(places) - 1)
		}
		ticks = append(ticks, plot.Tick{Value: places[onAxis(c)], Label: tickLabel(onAxis(c))})
	}
	return places, ticks
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
