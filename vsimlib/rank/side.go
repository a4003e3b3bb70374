// SPDX-License-Identifier: Apache-2.0

package rank

import "math"

// Side is one side of several correlations, checked and ranked once.
type Side struct{ ranks []float64 }

// NewSide ranks y, which must not be shorter than 2, hold NaN or Inf, or be constant.
func NewSide(y []float64) (*Side, error) {
	if err := checkSecond(y); err != nil {
		return nil, err
	}
	return &Side{Average(y)}, nil
}

// Spearman returns Spearman(x, y), the same to the last bit.
func (s *Side) Spearman(x []float64) (float64, error) {
	if err := checkFirst(x, len(s.ranks)); err != nil {
		return 0, err
	}
	return pearson(Average(x), s.ranks), nil
}

// pearson is Pearson's correlation of average ranks.
func pearson(r, s []float64) float64 {
	mean := float64(len(r)+1) / 2
	var rs, rr, ss float64
	for i := range r {
		a, b := r[i]-mean, s[i]-mean
		rs += a * b
		rr += a * a
		ss += b * b
	}
	return clip(rs / math.Sqrt(rr) / math.Sqrt(ss))
}
