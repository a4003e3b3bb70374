// SPDX-License-Identifier: Apache-2.0

package rank

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestResampler correlates resamples as if they were written out.
func TestResampler(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		n := 2 + r.IntN(40)
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(r.IntN(9)), float64(r.IntN(5))
		}
		labels := NewLabels(y)
		s, err := NewResampler(x, labels)
		if err != nil {
			continue // a side is constant
		}
		for range 5 {
			count := make([]int, n)
			for range n {
				count[r.IntN(n)]++
			}
			var a, b []float64
			for i, c := range count {
				for range c {
					a, b = append(a, x[i]), append(b, y[i])
				}
			}
			want, err := Spearman(a, b)
			if err != nil {
				want = math.NaN()
			}
			if got := s.Spearman(labels.Resample(count)); math.Abs(got-want) > 1e-12 || math.IsNaN(got) != math.IsNaN(want) {
				t.Fatalf("%v, %v by %v: %g, want %g", x, y, count, got, want)
			}
		}
	}
	if _, err := NewResampler([]float64{1, 1}, NewLabels([]float64{1, 2})); err == nil {
		t.Error("a constant side is taken")
	}
}
