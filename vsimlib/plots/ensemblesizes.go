// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// drawSizes draws the score by the number of models: every subset under every seed as a point, the mean with its interval, and
// the means of what the concatenations are truncated to.
func drawSizes(t *results.Table) (*figure.Drawing, error) {
	e := t.Ensembles
	p := figure.NewPanel(studyTitle(t, "One to "+fmt.Sprint(len(e.Sizes))+" models together"), "Models in the ensemble", scoreLabel(t))
	d := &figure.Drawing{Panels: [][]*plot.Plot{{p}}, Width: 6.2 * vg.Inch, Height: 4.3 * vg.Inch,
		Header: []string{"models", "members", "way", "mean", "low", "high"},
		Alt:    fmt.Sprintf("Spearman by number of models; all subsets as points; %s; %s.", intervalWords(t), sourceWords(t))}
	dots, low, high := subsetDots(t, d)
	if len(dots) == 0 {
		return nil, errors.New("no ensemble has a score")
	}
	points, err := figure.AddDots(p, dots, figure.LookOf(2))
	if err != nil {
		return nil, err
	}
	var means figure.Whiskered
	for _, s := range e.Sizes {
		if s.Spearman == nil {
			continue
		}
		means.Add(float64(s.Size), *s.Spearman)
		low, high = min(low, s.Spearman.Low), max(high, s.Spearman.High)
		d.Rows = append(d.Rows, []string{fmt.Sprint(s.Size), "", "mean of concatenations", figure.Number(s.Spearman.Mean),
			figure.Number(s.Spearman.Low), figure.Number(s.Spearman.High)})
		d.Alt += fmt.Sprintf(" %d: %.3f.", s.Size, s.Spearman.Mean)
	}
	shown, err := figure.AddEstimates(p, means, figure.LookOf(0), true)
	if err != nil {
		return nil, err
	}
	p.Legend.Add("concatenation, "+intervalWords(t), shown...)
	for k, dim := range e.Dims {
		var c curve
		for _, s := range e.Sizes {
			if s.SVD[k] != nil {
				c.x, c.y = append(c.x, float64(s.Size)), append(c.y, *s.SVD[k])
				low, high = min(low, *s.SVD[k]), max(high, *s.SVD[k])
				d.Rows = append(d.Rows, []string{fmt.Sprint(s.Size), "", fmt.Sprintf("mean of SVD to %d", dim), figure.Number(*s.SVD[k]),
					"", ""})
			}
		}
		as := figure.LookOf(1 + k)
		if k > 2 { // the palette has four
			as = figure.Look{Color: figure.LookOf(k).Color, Dash: figure.LookOf(k + 1).Dash, Mark: figure.LookOf(k + 2).Mark}
		}
		if err := addMarks(p, c, as, fmt.Sprintf("SVD to %d", dim)); err != nil {
			return nil, err
		}
	}
	p.Legend.Add("every subset and seed", points)
	var ticks []plot.Tick
	for _, s := range e.Sizes {
		ticks = append(ticks, plot.Tick{Value: float64(s.Size), Label: fmt.Sprint(s.Size)})
	}
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Min, p.X.Max = 0.6, float64(len(e.Sizes))+0.4
	widen(&p.Y, low, high, 0) // the lower right is free: more models score higher
	legendBelow(p)
	return d, nil
}

// subsetDots are the subsets' scores, next to their sizes, and their range.
func subsetDots(t *results.Table, d *figure.Drawing) (dots plotter.XYs, low, high float64) {
	low, high = 1, -1
	all, count := map[int]int{}, map[int]int{}
	for _, s := range t.Ensembles.Subsets {
		for _, score := range s.Scores {
			if score != nil {
				all[len(s.Members)]++
			}
		}
	}
	for _, s := range t.Ensembles.Subsets {
		n := len(s.Members)
		names := strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Members), " ", "+"), "[]")
		for i, score := range s.Scores {
			if score == nil {
				continue
			}
			// Side by side in a fixed order, clear of the mean.
			columns := min(all[n], 21)
			aside := -0.04 - float64(count[n]%columns)*0.018
			count[n]++
			dots = append(dots, plotter.XY{X: float64(n) + aside, Y: score.Concat})
			low, high = min(low, score.Concat), max(high, score.Concat)
			d.Rows = append(d.Rows, []string{fmt.Sprint(n), names, fmt.Sprintf("concatenation, seed %d", t.Seeds[i]),
				figure.Number(score.Concat), "", ""})
		}
	}
	return dots, low, high
}
