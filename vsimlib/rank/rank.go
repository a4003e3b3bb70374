// SPDX-License-Identifier: Apache-2.0

// Package rank turns values into ranks: average ranks as scipy.stats.rankdata gives them, the rank-normalised label that
// the competition's winners trained on, Spearman's correlation, and how far each pair moves it, from which package confidence
// computes its error. Ties are everywhere in this task (labels have 21 levels): all ranks give tied values the mean of those that
// they take up.
package rank

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Average returns the 1-based rank of every value; values that tie share the mean of their ranks. If any value is NaN,
// all ranks are, as in scipy.
func Average(x []float64) []float64 {
	ranks := make([]float64, len(x))
	for first, group := range tieGroups(x) {
		// Ranks first+1 .. first+len(group), whose mean is a multiple of one half.
		mean := float64(first) + float64(len(group)+1)/2
		for _, i := range group {
			ranks[i] = mean
		}
	}
	for _, v := range x {
		if math.IsNaN(v) {
			for i := range ranks {
				ranks[i] = math.NaN()
			}
			break
		}
	}
	return ranks
}

// tieGroups yields the groups of indices with equal values, in rising order of the values, each with the number of
// indices before it.
func tieGroups(x []float64) func(yield func(first int, group []int) bool) {
	sorted := order(x)
	indices := make([]int, len(x))
	for i, k := range sorted {
		indices[i] = k.index
	}
	return func(yield func(int, []int) bool) {
		for first := 0; first < len(sorted); {
			end := first + 1
			for end < len(sorted) && sorted[end].key == sorted[first].key {
				end++
			}
			if !yield(first, indices[first:end]) {
				return
			}
			first = end
		}
	}
}

// Normalize returns the labels rank-normalised to [0,1] (E5), over all of x at once:
//
//	E5: y_i = (r_i − min r) / (max r − min r),   r = Average(x)
//
// so that the smallest label becomes 0, the largest 1, and the others spread by how many labels lie below them.
// x must not be empty or constant nor hold NaN.
//
// Paper: section 2.3, "rank-normalised target", +0.006 Spearman on the test.
func Normalize(x []float64) ([]float64, error) {
	for i, v := range x {
		if math.IsNaN(v) {
			return nil, fmt.Errorf("rank: value %d of %d is NaN", i+1, len(x))
		}
	}
	if len(x) == 0 {
		return nil, errors.New("rank: no values")
	}
	r := Average(x)
	lo, hi := slices.Min(r), slices.Max(r)
	if lo == hi {
		return nil, fmt.Errorf("rank: all %d values are %g", len(x), x[0])
	}
	for i := range r {
		r[i] = (r[i] - lo) / (hi - lo)
	}
	return r, nil
}

// Check returns why x cannot be one side of a correlation: fewer than two values, NaN or Inf, or all the same.
func Check(x []float64) error {
	if len(x) < 2 {
		return fmt.Errorf("%d values, want at least 2", len(x))
	}
	constant := true
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("value %d of %d is %g", i+1, len(x), v)
		}
		constant = constant && v == x[0]
	}
	if constant {
		return fmt.Errorf("constant, all %d values are %g", len(x), x[0])
	}
	return nil
}

// checkSides returns why x and y cannot be correlated.
func checkSides(x, y []float64) error {
	if err := checkFirst(x, len(y)); err != nil {
		return err
	}
	return checkSecond(y)
}

// checkFirst returns why x cannot be correlated with n values.
func checkFirst(x []float64, n int) error {
	if len(x) != n {
		return fmt.Errorf("rank: %d values on the first side, %d on the second", len(x), n)
	}
	if err := Check(x); err != nil {
		return fmt.Errorf("rank: first side: %w", err)
	}
	return nil
}

func checkSecond(y []float64) error {
	if err := Check(y); err != nil {
		return fmt.Errorf("rank: second side: %w", err)
	}
	return nil
}

// Spearman returns the rank correlation of x and y (E11), in [-1,1]: Pearson's correlation of the average ranks r of x
// and s of y, whose means are both (n+1)/2,
//
//	E11: ρ = Σ (r_i − r̄)(s_i − s̄) / √( Σ (r_i − r̄)² · Σ (s_i − s̄)² )
//
// The short form 1 − 6Σd²/(n³−n) does not hold with ties. The order of the pairs does not change a bit of it: all terms
// are multiples of one quarter. Sides of different lengths, shorter than 2, with NaN or Inf, or constant are an error.
//
// Paper: the competition's score.
func Spearman(x, y []float64) (float64, error) {
	if err := checkSides(x, y); err != nil {
		return 0, err
	}
	return pearson(Average(x), Average(y)), nil
}

// clip takes off what rounding adds beyond 1.
func clip(rho float64) float64 { return max(-1, min(1, rho)) }
