// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vsim/vsimlib/confidence"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study/score"
)

// TestEstimates holds the estimates of rows against cases that can be worked out by hand.
func TestEstimates(t *testing.T) {
	labels := []float64{0, .1, .2, .3, .4, .5, .6, .7}
	rising, falling := []float64{1, 2, 3, 4, 5, 6, 7, 8}, []float64{8, 7, 6, 5, 4, 3, 2, 1}
	mixed := []float64{2, 1, 4, 3, 6, 5, 8, 7} // Σd² = 8, so ρ = 1 − 6·8/(8·63) = 19/21
	var ids [][2]int64
	for i := range labels {
		ids = append(ids, [2]int64{int64(2 * i), int64(2*i + 1)})
	}
	pairs := confidence.NewPairs(ids)
	s, err := scoreAll([][]float64{rising, falling, mixed, nil, rising}, labels)
	if err != nil {
		t.Fatal(err)
	}
	if s[3] != nil || len(s[0].influence) != 8 || math.Abs(s[2].rho-19./21) > 1e-12 {
		t.Fatalf("scores %+v", s[2])
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s %g, want %g", what, got, want)
		}
	}
	// A perfect order has no error of the pairs, and seeds that agree none of theirs.
	e := comparisonOf([]*scored{s[1], s[1]}, []*scored{s[0], s[4]}, pairs)
	near("mean", e.Mean, -2)
	near("low", e.Low, -2)
	near("high", e.High, -2)
	near("p", *e.P, 0)
	// Two seeds that score 1 and −1: variance 2, over two seeds 1, and t of one degree of freedom is 12.7062.
	e = estimate([]*scored{s[0], s[1]}, pairs)
	near("mean", e.Mean, 0)
	near("low", e.Low, -12.706205)
	near("high", e.High, 12.706205)
	e = scoreOf([]*scored{s[0], s[1]}, pairs)
	near("low of a score", e.Low, -1)
	near("high of a score", e.High, 1)
	near("sd", *spread([]*scored{s[0], s[1]}), 1.414214) // √(((1−0)² + (−1−0)²)/(2−1))
	// A cell against itself.
	e = comparisonOf([]*scored{s[2], s[0]}, []*scored{s[2], s[0]}, pairs)
	near("low", e.Low, 0)
	near("p", *e.P, 1)
	// A seed that failed is left out of both; one seed has no p-value.
	e = comparisonOf([]*scored{s[3], s[1]}, []*scored{s[1], s[0]}, pairs)
	near("mean", e.Mean, -2)
	if e.Seeds != 1 || e.P != nil {
		t.Errorf("%+v", e)
	}
	if spread([]*scored{s[0], nil}) != nil || estimate([]*scored{nil}, pairs) != nil {
		t.Error("one seed has no spread, none no mean")
	}
	// Pairs matter: the interval of an order of which some pairs are off is about its score.
	off, err := scoreAll([][]float64{{3, 1, 2, 4, 5, 6, 8, 7}}, labels)
	if err != nil {
		t.Fatal(err)
	}
	if e = estimate(off, pairs); !(e.Low < e.Mean && e.Mean < e.High) {
		t.Errorf("%+v", e)
	}
	if m := meanOf([]*scored{s[0], s[1]}); m.rho != 0 || meanOf([]*scored{s[0], nil}) != nil {
		t.Errorf("mean %+v", m)
	}
}

// TestFamily: the comparisons of a table are corrected together, those without a p-value left out.
func TestFamily(t *testing.T) {
	table := &results.Table{Baseline: "b", Cells: []results.Cell{
		{Label: "a", Difference: &results.Estimate{P: new(.01)}}, {Label: "b"}, {Label: "c", Difference: &results.Estimate{}}},
		Ensembles:   &results.EnsembleTable{Joined: []results.Cell{{Difference: &results.Estimate{P: new(.04)}}}},
		Comparisons: []results.Comparison{{Difference: results.Estimate{P: new(.03)}}}}
	correct(table)
	if *table.Cells[0].Difference.Holm != .03 || *table.Ensembles.Joined[0].Difference.Holm != .06 ||
		*table.Comparisons[0].Difference.Holm != .06 || table.Cells[2].Difference.Holm != nil {
		t.Errorf("%+v", table)
	}
	p, want := []float64{roundP(.0123456), roundP(.000045671), roundP(1), roundP(0)}, []float64{.01235, .00004567, 1, 0}
	if !slices.Equal(p, want) {
		t.Errorf("rounded %v", p)
	}
}

// TestFamilyIsNotRounded: of two comparisons the smaller p-value is corrected to .04938, below results.Alpha; of two digits, .025,
// it would be corrected to .05. The corrected one is that of "SimCSE × 0.1" in the study of other teams' methods.
func TestFamilyIsNotRounded(t *testing.T) {
	e := &results.Estimate{Mean: .02, Seeds: 5, P: new(.02469)}
	correct(&results.Table{Cells: []results.Cell{{Difference: e}, {Difference: &results.Estimate{P: new(.6)}}}})
	if *e.P != .02469 || *e.Holm != .04938 || e.Verdict("demo") != results.Holds {
		t.Errorf("p %v, corrected %v: %s", *e.P, *e.Holm, e.Verdict("demo"))
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
	before, err := scoreAll([][]float64{score.Mix(models, nil), score.Mix(models, w)}, labels)
	if err != nil {
		t.Fatal(err)
	}
	if before[1].rho < before[0].rho {
		t.Errorf("fitted %g, equal %g", before[1].rho, before[0].rho)
	}
	if w := score.Fit([][]float64{good}, labels); w[0] != 1 {
		t.Errorf("one model has weight %v", w)
	}
}

// BenchmarkInterval is Spearman with its interval on as many pairs as the competition has.
func BenchmarkInterval(b *testing.B) {
	draw := rand.New(rand.NewPCG(1, 1))
	labels, cosines, ids := make([]float64, 67899), make([]float64, 67899), make([][2]int64, 67899)
	for i := range labels {
		labels[i] = float64(draw.IntN(21)) / 20
		cosines[i] = labels[i] + draw.NormFloat64()
		ids[i] = [2]int64{draw.Int64N(43027), draw.Int64N(43027)}
	}
	for b.Loop() {
		list, err := scoreAll([][]float64{cosines}, labels)
		if err != nil {
			b.Fatal(err)
		}
		if e := estimate(list, confidence.NewPairs(ids)); !(e.Low < e.Mean && e.Mean < e.High) {
			b.Fatalf("%+v", e)
		}
	}
}
