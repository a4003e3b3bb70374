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

// drawSizes draws the score by the number of models: on the left every subset under every seed as a point, and the mean with its
// interval; on the right how far the means of what the concatenations are truncated to, and of fitted weights, differ from it.
func drawSizes(t *results.Table) (*figure.Drawing, error) {
	e := t.Ensembles
	p := figure.NewPanel(studyTitle(t, "One to "+fmt.Sprint(len(e.Sizes))+" models together"), "Models in the ensemble", scoreLabel(t))
	right := figure.NewPanel("Difference to the concatenation\nwith equal weights", "Models in the ensemble", "Difference in Spearman")
	d := &figure.Drawing{Panels: [][]*plot.Plot{{p, right}}, Width: 8.6 * vg.Inch, Height: 3.9 * vg.Inch,
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
	if err := addWays(right, e, d); err != nil {
		return nil, err
	}
	p.Legend.Add("every subset and seed", points)
	var ticks []plot.Tick
	for _, s := range e.Sizes {
		ticks = append(ticks, plot.Tick{Value: float64(s.Size), Label: fmt.Sprint(s.Size)})
	}
	for _, panel := range d.Panels[0] {
		panel.X.Tick.Marker = plot.ConstantTicks(ticks)
		panel.X.Min, panel.X.Max = 0.6, float64(len(e.Sizes))+0.4
	}
	if err := addLevel(right, 0, ticks); err != nil {
		return nil, err
	}
	widen(&p.Y, low, high, 0) // the lower right is free: more models score higher
	legendBelow(p)
	low, high = aroundZero(right.Y.Min, right.Y.Max)
	widen(&right.Y, low, high, 1+len(e.Dims))
	legendBelow(right)
	right.Legend.Left, right.Legend.XOffs = true, vg.Points(6)
	return d, nil
}

// addWays draws the differences of the ways of joining to the mean of the concatenations.
func addWays(p *plot.Plot, e *results.EnsembleTable, d *figure.Drawing) error {
	type way struct {
		name string
		mean func(results.EnsembleSize) *float64
	}
	var ways []way
	for k, dim := range e.Dims {
		ways = append(ways, way{fmt.Sprintf("SVD to %d", dim), func(s results.EnsembleSize) *float64 { return s.SVD[k] }})
	}
	ways = append(ways, way{"fitted weights", func(s results.EnsembleSize) *float64 { return s.Fitted }})
	for k, w := range ways {
		var c curve
		for _, s := range e.Sizes {
			if v := w.mean(s); v != nil && s.Spearman != nil {
				c.x, c.y = append(c.x, float64(s.Size)), append(c.y, *v-s.Spearman.Mean)
				d.Rows = append(d.Rows, []string{fmt.Sprint(s.Size), "", "mean of " + w.name, figure.Number(*v), "", ""})
			}
		}
		if len(c.x) == 0 {
			continue
		}
		if err := addMarks(p, c, figure.LookOf(k), w.name); err != nil {
			return err
		}
	}
	return nil
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
