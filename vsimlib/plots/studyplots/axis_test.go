// SPDX-License-Identifier: Apache-2.0

package studyplots

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/plot/plotter"

	"vsim/vsimlib/results"
)

// cellsAt are cells at some values, all of one series.
func cellsAt(values ...float64) (cells []results.Cell) {
	for _, x := range values {
		cells = append(cells, results.Cell{Series: "s", X: &x, Spearman: &results.Estimate{}})
	}
	return cells
}

// TestAxis: a logarithmic axis has 0 before a break, and equal distances where values are below zero.
func TestAxis(t *testing.T) {
	for _, c := range []struct {
		axis   results.Axis
		values []float64
		at     string
		ticks  string
		broken bool
	}{
		{results.Axis{}, []float64{0, 5, 40}, "[0 5 40]", "[0 5 40]", false},
		{results.Axis{Even: true}, []float64{0, .5, 40}, "[0 1 2]", "[0 0.5 40]", false},
		{results.Axis{Log: true}, []float64{100, 1000, 10}, "[2 3 1]", "[10 100 1,000]", false},
		{results.Axis{Log: true}, []float64{0, 1, 100}, "[-0.4 0 2]", "[0 // 1 100]", true},
		{results.Axis{Log: true}, []float64{-1, 0, 100}, "[0 1 2]", "[-1 0 100]", false},
		{results.Axis{Log: true}, []float64{0, 7}, "[0 1]", "[0 7]", false},
		{results.Axis{Log: true}, []float64{7}, "[0]", "[7]", false},
	} {
		got := axisOf(c.axis, cellsAt(c.values...))
		var at []float64
		for _, x := range c.values {
			at = append(at, math.Round(1e6*got.at[x])/1e6)
		}
		var ticks []string
		for _, tick := range got.ticks {
			ticks = append(ticks, tick.Label)
		}
		if fmt.Sprint(at) != c.at || fmt.Sprint(ticks) != c.ticks || got.broken != c.broken {
			t.Errorf("%+v of %v: at %v, ticks %v, broken %t; want %s, %s", c.axis, c.values, at, ticks, got.broken, c.at, c.ticks)
		}
	}
}

// TestBeside: whiskers are moved aside only at values that several series have.
func TestBeside(t *testing.T) {
	cells := cellsAt(1, 1, 2, 3)
	cells[1].Series, cells[3].Series = "other", ""
	axis := axisOf(results.Axis{Log: true}, cells)
	if !axis.shared[1] || axis.shared[2] || !axis.shared[3] {
		t.Errorf("shared %v", axis.shared)
	}
}

// TestPairedScores: the marks of seeds in the panel of differences are differences under the same seed.
func TestPairedScores(t *testing.T) {
	cells := []results.Cell{
		{Label: "a", Scores: []*float64{new(.5), nil, new(.75)}, Spearman: &results.Estimate{}, Difference: &results.Estimate{Mean: .25}},
		{Label: "base", Scores: []*float64{new(.25), new(.5), new(.25)}, Spearman: &results.Estimate{Mean: .3}},
		{Label: "unknown", Spearman: &results.Estimate{}},
	}
	got := differencesOf(cells, "base")
	if len(got) != 2 || *got[0].Scores[0] != .25 || got[0].Scores[1] != nil || *got[0].Scores[2] != .5 ||
		got[0].Spearman.Mean != .25 || got[1].Scores != nil || got[1].Spearman.Mean != 0 {
		t.Errorf("%+v", got)
	}
}

// TestDistinct: curves that cover one another are one, under both names.
func TestDistinct(t *testing.T) {
	at := func(first, second float64) plotter.XYs { return plotter.XYs{{X: 1, Y: first}, {X: 2, Y: second}} }
	list := distinct([]way{{name: "SVD to 256", XYs: at(0, 0)}, {name: "SVD to 128", XYs: at(0, .0002)},
		{name: "SVD to 64", XYs: at(0, .0003)}, {name: "none"}, {name: "SVD to 32", XYs: at(0, 0)[:1]},
		{name: "fitted weights", XYs: at(0, -.0097)}})
	var names []string
	for _, w := range list {
		names = append(names, w.name)
	}
	if want := "[SVD to 256, 128 SVD to 64 SVD to 32 fitted weights]"; fmt.Sprint(names) != want {
		t.Errorf("%v, want %s", names, want)
	}
}

// TestLowerFence is Tukey's, by hand: quartiles .60 and .64, so .60 − 1.5·.04.
func TestLowerFence(t *testing.T) {
	var dots plotter.XYs
	for _, y := range []float64{.3, .59, .60, .61, .62, .63, .64, .65} {
		dots = append(dots, plotter.XY{X: .9, Y: y})
	}
	if got := lowerFence(dots); math.Abs(got-.54) > 1e-12 {
		t.Errorf("fence %g", got)
	}
	if got := lowerFence(dots[:5]); got != -1 {
		t.Errorf("of few points %g", got)
	}
}
