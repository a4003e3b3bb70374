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
)

// drawAxis draws the score along the study's axis, a line a series. A cell without a series is a point of each.
func (t *studyTable) drawAxis() (*drawing, error) {
	cells := done(t.Cells)
	if len(cells) == 0 {
		return nil, errors.New("no cell has a score")
	}
	p := newPanel(t.title(t.Question), t.Axis.Label, t.spearmanLabel())
	d := &drawing{panels: [][]*plot.Plot{{p}}, width: 6.2 * vg.Inch, height: 3.9 * vg.Inch, header: cellHeader,
		alt: fmt.Sprintf("Spearman by %s; %s; %s.", t.Axis.Label, t.intervalWords(), t.source())}
	places, ticks := t.Axis.places(cells)
	var series []string
	for _, c := range cells {
		if c.Series != "" && !slices.Contains(series, c.Series) {
			series = append(series, c.Series)
		}
		d.rows = append(d.rows, c.row())
		d.alt += fmt.Sprintf(" %s: %.3f.", c.Label, c.Spearman.Mean)
	}
	if len(series) == 0 {
		series = []string{""}
	}
	low, high, aside := 1., -1., t.Axis.aside(ticks)
	for i, name := range series {
		var w whiskered
		var dots plotter.XYs
		for _, c := range sortedByX(cells) {
			if c.Series != "" && c.Series != name {
				continue
			}
			x := places[c.X]
			if t.Axis.Even { // beside each other, so that whiskers do not hide whiskers
				x += 0.09 * (float64(i) - float64(len(series)-1)/2)
			}
			w.add(x, *c.Spearman)
			low, high = min(low, c.Spearman.Low), max(high, c.Spearman.High)
			for _, s := range c.Scores {
				if s != nil {
					dots = append(dots, plotter.XY{X: aside(x), Y: *s})
					low, high = min(low, *s), max(high, *s)
				}
			}
		}
		if _, err := addDots(p, dots, lookOf(i)); err != nil {
			return nil, err
		}
		shown, err := addEstimates(p, w, lookOf(i), true)
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = t.intervalWords()
		}
		p.Legend.Add(name, shown...)
	}
	lines := len(series)
	if series[0] != "" {
		p.Legend.Add(t.intervalWords())
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

func sortedByX(cells []studyCell) []studyCell {
	sorted := slices.Clone(cells)
	slices.SortStableFunc(sorted, func(a, b studyCell) int {
		switch {
		case a.X < b.X:
			return -1
		case a.X > b.X:
			return 1
		}
		return 0
	})
	return sorted
}

// places are where the cells' values stand on the axis, and its ticks.
func (a studyAxis) places(cells []studyCell) (map[float64]float64, []plot.Tick) {
	places := map[float64]float64{}
	var ticks []plot.Tick
	for _, c := range sortedByX(cells) {
		if _, ok := places[c.X]; ok {
			continue
		}
		places[c.X] = c.X
		if a.Even {
			places[c.X] = float64(len(places) - 1)
		}
		ticks = append(ticks, plot.Tick{Value: places[c.X], Label: tickLabel(c.X)})
	}
	return places, ticks
}

// aside puts a seed's mark beside the place of its cell, so that whiskers do not hide it.
func (a studyAxis) aside(ticks []plot.Tick) func(x float64) float64 {
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
		return thousands(int(x))
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}
