// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"math/rand/v2"
	"testing"

	"vsim/vsimlib/study/score"
)

// TestIntervals holds the estimates against cases that can be worked out by hand.
func TestIntervals(t *testing.T) {
	labels := []float64{0, .1, .2, .3, .4, .5, .6, .7}
	rising, falling := []float64{1, 2, 3, 4, 5, 6, 7, 8}, []float64{8, 7, 6, 5, 4, 3, 2, 1}
	mixed := []float64{2, 1, 4, 3, 6, 5, 8, 7} // Σd² = 8, so ρ = 1 − 6·8/(8·63) = 19/21
	s, err := resample([][]float64{rising, falling, mixed, nil, rising}, labels)
	if err != nil {
		t.Fatal(err)
	}
	if s[3] != nil || len(s[0]) != draws+1 || math.Abs(s[2][0]-19./21) > 1e-12 {
		t.Fatalf("scores %v", s[2][:3])
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s %g, want %g", what, got, want)
		}
	}
	// In every resample of the pairs a perfect order stays perfect.
	e := difference([]scores{s[1], s[1]}, []scores{s[0], s[4]})
	near("mean", e.Mean, -2)
	near("low", e.Low, -2)
	near("high", e.High, -2)
	// Two seeds that score 1 and −1: the mean of two drawn is −1, 0 or 1, the ends a quarter of all draws each.
	e = cellEstimate([]scores{s[0], s[1]})
	near("mean", e.Mean, 0)
	near("low", e.Low, -1)
	near("high", e.High, 1)
	near("sd", *spread([]scores{s[0], s[1]}), math.Sqrt2) // ((1−0)² + (−1−0)²)/(2−1) = 2
	// A cell against itself.
	e = difference([]scores{s[2], s[0]}, []scores{s[2], s[0]})
	near("low", e.Low, 0)
	near("high", e.High, 0)
	// A seed that failed is left out of both.
	e = difference([]scores{s[3], s[1]}, []scores{s[1], s[0]})
	near("mean", e.Mean, -2)
	if e.Seeds != 1 {
		t.Errorf("%d seeds", e.Seeds)
	}
	if spread([]scores{s[0], nil}) != nil || cellEstimate([]scores{nil}) != nil {
		t.Error("one seed has no spread, none no mean")
	}
	// Pairs matter: the interval of an imperfect order is about its score.
	e = cellEstimate([]scores{s[2]})
	if !(e.Low < e.Mean && e.Mean < e.High) {
		t.Errorf("%+v", e)
	}
}

// TestSameDraws: a model's draws do not depend on the other models.
func TestSameDraws(t *testing.T) {
	labels, a, b := []float64{0, .5, 1, .25}, []float64{1, 3, 2, 4}, []float64{4, 1, 2, 3}
	both, err := resample([][]float64{a, b}, labels)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := resample([][]float64{b}, labels)
	if err != nil {
		t.Fatal(err)
	}
	for d, v := range alone[0] {
		if w := both[1][d]; v != w && !(math.IsNaN(v) && math.IsNaN(w)) {
			t.Fatalf("draw %d: %g and %g", d, v, w)
		}
	}
}

// TestFit: a good model gets the weight, noise none or little; no fit is below equal weights on the pairs that it was made on.
func TestFit(t *testing.T) {
	var labels, good, noise, other []float64
	for i := range 60 {
		labels = append(labels, float64(i%21)/20)
		good = append(good, float64(i%21)/20+.05*math.Sin(float64(7*i)))
		noise = append(noise, math.Sin(float64(i*i)))
		other = append(other, float64(i%21)/20+.9*math.Cos(float64(11*i)))
	}
	w := score.Fit([][]float64{noise, good, other}, labels)
	sum := 0.
	for _, v := range w {
		if v < 0 {
			t.Errorf("weights %v", w)
		}
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 || w[1] <= w[0] || w[1] <= w[2] {
		t.Errorf("weights %v", w)
	}
	models := [][]float64{noise, good, other}
	before, err := resample([][]float64{score.Mix(models, nil), score.Mix(models, w)}, labels)
	if err != nil {
		t.Fatal(err)
	}
	if before[1][0] < before[0][0] {
		t.Errorf("fitted %g, equal %g", before[1][0], before[0][0])
	}
	if w := score.Fit([][]float64{good}, labels); w[0] != 1 {
		t.Errorf("one model has weight %v", w)
	}
}

// BenchmarkInterval is Spearman with its interval, 1000 draws of as many pairs as the competition has.
func BenchmarkInterval(b *testing.B) {
	draw := rand.New(rand.NewPCG(1, 1))
	labels, cosines := make([]float64, 67899), make([]float64, 67899)
	for i := range labels {
		labels[i] = float64(draw.IntN(21)) / 20
		cosines[i] = labels[i] + draw.NormFloat64()
	}
	for b.Loop() {
		scores, err := resample([][]float64{cosines}, labels)
		if err != nil {
			b.Fatal(err)
		}
		if e := cellEstimate(scores); !(e.Low < e.Mean && e.Mean < e.High) {
			b.Fatalf("%+v", e)
		}
	}
}
