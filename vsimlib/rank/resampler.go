// SPDX-License-Identifier: Apache-2.0

package rank

import (
	"math"
	"slices"
)

// Resampler correlates resamples of pairs without sorting anew. It is not safe for concurrent use.
type Resampler struct {
	x *ranker
	y *Labels
}

// NewResampler prepares the two sides of the pairs. Several Resamplers may share the labels.
func NewResampler(x []float64, y *Labels) (*Resampler, error) {
	if err := checkSides(x, y.values); err != nil {
		return nil, err
	}
	return &Resampler{newRanker(x), y}, nil
}

// Labels are the second side of pairs, in resamples.
type Labels struct {
	values []float64
	ranker *ranker
}

// NewLabels prepares labels.
func NewLabels(y []float64) *Labels { return &Labels{y, newRanker(y)} }

// Resample is one resample of the pairs: how often it has each of them, and the labels' ranks in it.
type Resample struct {
	count   []int
	weights []float64 // count
	centred []float64 // ranks, less their mean
	squares float64   // Σ weight · centred²
}

// Resample is the resample that has the i-th pair count[i] times, as many as there are pairs in all. count must not change while
// it is in use.
func (l *Labels) Resample(count []int) *Resample {
	s := &Resample{count: count, weights: make([]float64, len(count)), centred: slices.Clone(l.ranker.ranks(count))}
	mean := float64(len(count)+1) / 2
	for i, c := range count {
		s.weights[i] = float64(c)
		s.centred[i] -= mean
		s.squares += s.weights[i] * s.centred[i] * s.centred[i]
	}
	return s
}

// Spearman is the rank correlation of a resample, Pearson's of the ranks in it; NaN where a side of it is constant.
func (r *Resampler) Spearman(s *Resample) float64 {
	ranks := r.x.ranks(s.count)
	mean := float64(len(ranks)+1) / 2
	var rs, rr float64
	for i, w := range s.weights {
		a := ranks[i] - mean
		rs += w * a * s.centred[i]
		rr += w * a * a
	}
	rho := rs / math.Sqrt(rr) / math.Sqrt(s.squares)
	if math.IsNaN(rho) {
		return rho
	}
	return clip(rho)
}

// ranker ranks resamples of one side without sorting anew: a resample has each value as often as it was drawn.
type ranker struct {
	sorted []int // indices in rising order of the values
	ends   []int // of the groups of equal values in sorted; nil: all values differ
	out    []float64
}

func newRanker(x []float64) *ranker {
	r := &ranker{out: make([]float64, len(x))}
	for _, group := range tieGroups(x) {
		r.sorted = append(r.sorted, group...)
		r.ends = append(r.ends, len(r.sorted))
	}
	if len(r.ends) == len(r.sorted) {
		r.ends = nil
	}
	return r
}

// ranks returns the average rank of every value inside a resample with these counts. The next call overwrites it.
func (r *ranker) ranks(count []int) []float64 {
	before := 0
	if r.ends == nil {
		for _, i := range r.sorted {
			n := count[i]
			r.out[i] = float64(before) + float64(n+1)/2
			before += n
		}
		return r.out
	}
	first := 0
	for _, end := range r.ends {
		group := r.sorted[first:end]
		n := 0
		for _, i := range group {
			n += count[i]
		}
		rank := float64(before) + float64(n+1)/2
		for _, i := range group {
			r.out[i] = rank
		}
		before, first = before+n, end
	}
	return r.out
}

// Quantile of sorted values, linear between neighbours: type 7 of Hyndman and Fan (1996), the default of numpy and R.
func Quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
