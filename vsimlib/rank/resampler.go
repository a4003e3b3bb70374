// SPDX-License-Identifier: Apache-2.0

package rank

import "math"

// Resampler correlates resamples of pairs without sorting anew. It is not safe for concurrent use.
type Resampler struct{ x, y *ranker }

// NewResampler prepares the two sides of the pairs.
func NewResampler(x, y []float64) (*Resampler, error) {
	if err := checkSides(x, y); err != nil {
		return nil, err
	}
	return &Resampler{newRanker(x), newRanker(y)}, nil
}

// Spearman is the rank correlation of the resample that has the i-th pair count[i] times, as many as there are pairs in all;
// NaN where a side of it is constant.
func (r *Resampler) Spearman(count []int) float64 {
	rho := weighted(r.x.ranks(count), r.y.ranks(count), count)
	if math.IsNaN(rho) {
		return rho
	}
	return clip(rho)
}

// ranker ranks resamples of one side without sorting anew: a resample has each value as often as it was drawn.
type ranker struct {
	groups [][]int // indices of equal values, in rising order of the values
	out    []float64
}

func newRanker(x []float64) *ranker {
	r := &ranker{out: make([]float64, len(x))}
	for _, group := range tieGroups(x) {
		r.groups = append(r.groups, group)
	}
	return r
}

// ranks returns the average rank of every value inside a resample with these counts. The next call overwrites it.
func (r *ranker) ranks(count []int) []float64 {
	before := 0
	for _, group := range r.groups {
		n := 0
		for _, i := range group {
			n += count[i]
		}
		for _, i := range group {
			r.out[i] = float64(before) + float64(n+1)/2
		}
		before += n
	}
	return r.out
}

// weighted is Pearson's correlation of ranks with the i-th pair count[i] times; NaN if a side is constant.
func weighted(r, s []float64, count []int) float64 {
	mean := float64(len(r)+1) / 2
	var rs, rr, ss float64
	for i, c := range count {
		a, b, w := r[i]-mean, s[i]-mean, float64(c)
		rs += w * a * b
		rr += w * a * a
		ss += w * b * b
	}
	return rs / math.Sqrt(rr) / math.Sqrt(ss)
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
