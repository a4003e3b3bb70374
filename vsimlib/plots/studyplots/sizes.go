// SPDX-License-Identifier: Apache-2.0

package studyplots

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
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
	dots := subsetDots(t, d)
	if len(dots) == 0 {
		return nil, errors.New("no ensemble has a score")
	}
	var means figure.Whiskered
	low, high := 1., -1.
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
	low, high, err := addSubsets(p, dots, low, high)
	if err != nil {
		return nil, err
	}
	shown, err := figure.AddEstimates(p, means, figure.LookOf(0))
	if err != nil {
		return nil, err
	}
	p.Legend.Add("concatenation, "+intervalWords(t), shown...)
	curves, err := addWays(right, e, d)
	if err != nil {
		return nil, err
	}
	ticks := sizeTicks(e)
	for _, panel := range d.Panels[0] {
		panel.X.Tick.Marker = plot.ConstantTicks(ticks)
		panel.X.Min, panel.X.Max = 0.5, float64(len(e.Sizes))+0.4
	}
	if err := addLevel(right, ticks); err != nil {
		return nil, err
	}
	widen(&p.Y, low, high, 0) // the lower right is free: more models score higher
	legendBelow(p)
	low, high = aroundZero(right.Y.Min, right.Y.Max)
	widen(&right.Y, low, high, curves)
	legendBelow(right)
	right.Legend.Left, right.Legend.XOffs = true, vg.Points(6)
	return d, nil
}

// sizeTicks are the numbers of models.
func sizeTicks(e *results.EnsembleTable) (ticks []plot.Tick) {
	for _, s := range e.Sizes {
		ticks = append(ticks, plot.Tick{Value: float64(s.Size), Label: fmt.Sprint(s.Size)})
	}
	return ticks
}

// addSubsets draws the subsets' scores. Far outliers below do not set the scale: they are at its lower edge, and the legend has
// their values. It returns the range that the axis has to show, low and high among it.
func addSubsets(p *plot.Plot, dots plotter.XYs, low, high float64) (least, most float64, err error) {
	edge := min(lowerFence(dots), low)
	var far, shown plotter.XYs
	for _, dot := range dots {
		high = max(high, dot.Y)
		if dot.Y < edge {
			far = append(far, dot)
			continue
		}
		low = min(low, dot.Y)
		shown = append(shown, dot)
	}
	points, err := figure.AddDots(p, shown, figure.LookOf(2))
	if err != nil {
		return low, high, err
	}
	p.Legend.Add("every subset and seed", points)
	if len(far) == 0 {
		return low, high, nil
	}
	from, to := far[0].Y, far[0].Y
	for i := range far {
		from, to = min(from, far[i].Y), max(to, far[i].Y)
		far[i].Y = low
	}
	marks, err := figure.AddArrows(p, far)
	if err != nil {
		return low, high, err
	}
	values := fmt.Sprintf("%.3f to %.3f", from, to)
	if len(far) == 1 {
		values = fmt.Sprintf("%.3f", from)
	}
	p.Legend.Add(text.Plural(len(far), "one", fmt.Sprint(len(far)))+" below the axis: "+values, marks)
	return low, high, nil
}

// lowerFence is Tukey's: one and a half times the distance of the quartiles below the lower one, of the scores of single models,
// which vary most.
func lowerFence(dots plotter.XYs) float64 {
	var single []float64
	for _, dot := range dots {
		if dot.X < 1 {
			single = append(single, dot.Y)
		}
	}
	if len(single) < 8 {
		return -1
	}
	slices.Sort(single)
	lower, upper := single[len(single)/4], single[len(single)*3/4]
	return lower - 1.5*(upper-lower)
}

// way is a way of joining embeddings, and its means less those of the concatenations.
type way struct {
	name        string
	mean        func(results.EnsembleSize) *float64
	look        int // the same on every corpus, whichever curves cover each other
	plotter.XYs     // differences by the number of models
}

// addWays draws the differences of the ways of joining to the mean of the concatenations, and returns the number of curves. Widths
// whose curves cover one another have one, under the names of all.
func addWays(p *plot.Plot, e *results.EnsembleTable, d *figure.Drawing) (int, error) {
	var ways []way
	for k, dim := range e.Dims {
		ways = append(ways, way{name: fmt.Sprintf("SVD to %d", dim), mean: func(s results.EnsembleSize) *float64 { return s.SVD[k] }})
	}
	ways = append(ways, way{name: "fitted weights", mean: func(s results.EnsembleSize) *float64 { return s.Fitted }})
	for k := range ways {
		w := &ways[k]
		w.look = k
		for _, s := range e.Sizes {
			if v := w.mean(s); v != nil && s.Spearman != nil {
				w.XYs = append(w.XYs, plotter.XY{X: float64(s.Size), Y: *v - s.Spearman.Mean})
				d.Rows = append(d.Rows, []string{fmt.Sprint(s.Size), "", "mean of " + w.name, figure.Number(*v), "", ""})
			}
		}
	}
	list := distinct(ways)
	for _, w := range list {
		if err := figure.AddJoinedMarks(p, w.XYs, figure.LookOf(w.look), w.name); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// covered is the part of the range of all curves below which two of them cannot be seen apart: about a mark on the axis.
const covered = 0.025

// distinct leaves out curves that another one covers, and names this one for both.
func distinct(ways []way) (list []way) {
	low, high := 0., 0.
	for _, w := range ways {
		for _, at := range w.XYs {
			low, high = min(low, at.Y), max(high, at.Y)
		}
	}
next:
	for _, w := range ways {
		if len(w.XYs) == 0 {
			continue
		}
		for i := range list {
			if covers(list[i].XYs, w.XYs, covered*(high-low)) {
				list[i].name += strings.Replace(", "+w.name, "SVD to ", "", strings.Count(list[i].name, "SVD"))
				continue next
			}
		}
		list = append(list, w)
	}
	return list
}

// covers reports whether two curves have the same points, none farther apart than a distance.
func covers(a, b plotter.XYs, distance float64) bool {
	return slices.EqualFunc(a, b, func(a, b plotter.XY) bool { return a.X == b.X && math.Abs(a.Y-b.Y) <= distance })
}

// subsetDots are the subsets' scores, next to their sizes.
func subsetDots(t *results.Table, d *figure.Drawing) (dots plotter.XYs) {
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
			aside := -0.09 - float64(count[n]%columns)*0.016
			count[n]++
			dots = append(dots, plotter.XY{X: float64(n) + aside, Y: score.Concat})
			d.Rows = append(d.Rows, []string{fmt.Sprint(n), names, fmt.Sprintf("concatenation, seed %d", t.Seeds[i]),
				figure.Number(score.Concat), "", ""})
		}
	}
	return dots
}
