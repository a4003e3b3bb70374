// SPDX-License-Identifier: Apache-2.0

package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// BootstrapSpearman returns the percentile interval of Spearman's correlation at a level such as 0.95, from resamples of
// the pairs with replacement. The same seed gives the same interval. A resample in which a side is constant has no
// correlation and is drawn again.
//
// It takes pairs as independent. Pairs that share videos are not, and the true interval is then wider.
func BootstrapSpearman(x, y []float64, resamples int, level float64, seed uint64) (lo, hi float64, err error) {
	if err := checkSides(x, y); err != nil {
		return 0, 0, err
	}
	if resamples < 1 || !(level > 0 && level < 1) {
		return 0, 0, fmt.Errorf("rank: %d resamples at level %g, want at least 1 and a level inside (0,1)", resamples, level)
	}
	draw := rand.New(rand.NewPCG(seed, 0))
	sides := &Resampler{newRanker(x), newRanker(y)}
	count := make([]int, len(x))
	rhos := make([]float64, 0, resamples)
	for tries := 0; len(rhos) < resamples; tries++ {
		if tries > 100*resamples { // a side with one odd value among very many
			return 0, 0, fmt.Errorf("rank: too few different values to resample %d pairs", len(x))
		}
		clear(count)
		for range count {
			count[draw.IntN(len(count))]++
		}
		if rho := sides.Spearman(count); !math.IsNaN(rho) {
			rhos = append(rhos, rho)
		}
	}
	slices.Sort(rhos)
	return Quantile(rhos, (1-level)/2), Quantile(rhos, (1+level)/2), nil
}

// Resampler correlates resamples of pairs without sorting anew. It is not safe for concurrent use.
type Resampler struct{ x, y *ranker }

// NewResampler prepares the two sides of the pairs.
func NewResampler(x, y []float64) (*Resampler, error) {
	if err := checkSides(x, y); err != nil {
		return nil, err
	}
	return &Resampler{newRanker(x), newRanker(y)}, nil
}

// Spearman is the rank correlation of the resample in which the i-th pair stands count[i] times, as many as there are pairs in all;
// NaN where a side of it is constant.
func (r *Resampler) Spearman(count []int) float64 {
	rho := weighted(r.x.ranks(count), r.y.ranks(count), count)
	if math.IsNaN(rho) {
		return rho
	}
	return clip(rho)
}

// ranker ranks resamples of one side without sorting anew: in a resample each value stands as often as it was drawn.
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

// weighted is Pearson's correlation of ranks where the i-th pair stands count[i] times; NaN if a side is constant.
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

// Quantile of sorted values, linear between neighbours.
func Quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
