// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/text"
)

// maxLevels is how many boxes fit side by side; labels of more levels are put together in twentieths.
const maxLevels = 25

// box is the cosines of the pairs of one label level: quartiles, and the middle nine tenths.
type box struct {
	label float64
	pairs int
	at    [5]float64 // quantiles .05 .25 .5 .75 .95
}

var boxQuantiles = [5]float64{0.05, 0.25, 0.5, 0.75, 0.95}

// CosineByLabel draws, for every level of the labels, how the cosines of an embeddings file are distributed.
func CosineByLabel(embeddingsFile, labelsFile string) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		set, err := embeddings.Read(embeddingsFile)
		if err != nil {
			return nil, err
		}
		pairs, err := corpus.ReadPairs(labelsFile)
		if err != nil {
			return nil, err
		}
		score, err := evaluate.Score(set, pairs)
		if err != nil {
			return nil, err
		}
		cosines, err := evaluate.Cosines(set, pairs)
		if err != nil {
			return nil, err
		}
		list := boxesOf(pairs, cosines)
		title := fmt.Sprintf("Cosine by label: Spearman %.3f over %s pairs", score.Spearman, text.Thousands(score.Pairs))
		p := figure.NewPanel(title, "label (0 unrelated, 1 clearly related)", "cosine of the two embeddings")
		p.Add(boxes{list, figure.LookOf(0)})
		p.X.Min, p.X.Max = -0.03, 1.03
		figure.Pad(p)
		first, last := list[0], list[len(list)-1]
		d := &figure.Drawing{Width: 7.4 * vg.Inch, Height: 3.6 * vg.Inch, Panels: [][]*plot.Plot{{p}},
			Header: []string{"label", "pairs", "p05", "p25", "median", "p75", "p95"}}
		d.Alt = fmt.Sprintf("%s. A box a label level: quartiles, whiskers over the middle nine tenths. "+
			"The median cosine goes from %.2f at label %g to %.2f at label %g.",
			title, first.at[2], first.label, last.at[2], last.label)
		for _, b := range list {
			row := []string{figure.Number(b.label), strconv.Itoa(b.pairs)}
			for _, q := range b.at {
				row = append(row, fmt.Sprintf("%.6g", q))
			}
			d.Rows = append(d.Rows, row)
		}
		return d, nil
	}}
}

// boxesOf groups cosines by label, in rising order.
func boxesOf(pairs []corpus.Pair, cosines []float64) []box {
	levels := map[float64][]float64{}
	for i, p := range pairs {
		levels[p.Score] = append(levels[p.Score], cosines[i])
	}
	if len(levels) > maxLevels {
		levels = map[float64][]float64{}
		for i, p := range pairs {
			level := math.Round(p.Score*20) / 20
			levels[level] = append(levels[level], cosines[i])
		}
	}
	var list []box
	for label, values := range levels {
		slices.Sort(values)
		b := box{label: label, pairs: len(values)}
		for i, q := range boxQuantiles {
			b.at[i] = rank.Quantile(values, q)
		}
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b box) int {
		if a.label < b.label {
			return -1
		}
		return 1
	})
	return list
}

// boxes draws box plots at their labels.
type boxes struct {
	list []box
	look figure.Look
}

// Plot draws whiskers, boxes and medians.
func (b boxes) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	half := 0.3 * b.gap()
	thin := draw.LineStyle{Color: b.look.Color, Width: vg.Points(0.9)}
	thick := draw.LineStyle{Color: figure.InkColor, Width: vg.Points(1.8)}
	for _, one := range b.list {
		left, middle, right := x(one.label-half), x(one.label), x(one.label+half)
		at := [5]vg.Length{}
		for i, v := range one.at {
			at[i] = y(v)
		}
		c.StrokeLine2(thin, middle, at[0], middle, at[1])
		c.StrokeLine2(thin, middle, at[3], middle, at[4])
		corners := []vg.Point{{X: left, Y: at[1]}, {X: right, Y: at[1]}, {X: right, Y: at[3]}, {X: left, Y: at[3]}, {X: left, Y: at[1]}}
		c.FillPolygon(figure.Pale(b.look.Color), corners)
		c.StrokeLines(thin, corners)
		c.StrokeLine2(thick, left, at[2], right, at[2])
	}
}

// gap is the smallest distance of two labels.
func (b boxes) gap() float64 {
	gap := 0.2
	for i := 1; i < len(b.list); i++ {
		gap = min(gap, b.list[i].label-b.list[i-1].label)
	}
	return gap
}

// DataRange is what the axes have to cover.
func (b boxes) DataRange() (xmin, xmax, ymin, ymax float64) {
	ymin, ymax = math.Inf(1), math.Inf(-1)
	for _, one := range b.list {
		ymin, ymax = min(ymin, one.at[0]), max(ymax, one.at[4])
	}
	return b.list[0].label, b.list[len(b.list)-1].label, ymin, ymax
}

var _ plot.DataRanger = boxes{}
