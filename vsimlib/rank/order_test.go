// SPDX-License-Identifier: Apache-2.0

package rank

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOrder: by digits and by comparison, the values rise, every index is listed once, and equal values (0 and −0 too) have equal
// keys.
func TestOrder(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	special := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, -math.MaxFloat64, 1, -1}
	for name, value := range map[string]func() float64{
		"all bits":     func() float64 { return math.Float64frombits(draw.Uint64()) },
		"cosines":      func() float64 { return 2*draw.Float64() - 1 },
		"labels":       func() float64 { return float64(draw.IntN(21)) / 20 },
		"special ones": func() float64 { return special[draw.IntN(len(special))] },
		"equal":        func() float64 { return -3 },
	} {
		for _, n := range []int{0, 1, radixFrom - 1, radixFrom, 3*radixFrom + 1} {
			var x []float64
			for len(x) < n {
				if v := value(); !math.IsNaN(v) {
					x = append(x, v)
				}
			}
			sorted := order(x)
			var indices []int
			for i, k := range sorted {
				indices = append(indices, k.index)
				if i == 0 {
					continue
				}
				before := sorted[i-1]
				if x[before.index] > x[k.index] || (x[before.index] == x[k.index]) != (before.key == k.key) {
					t.Fatalf("%s, %d: %g with key %x, then %g with key %x", name, n, x[before.index], before.key, x[k.index], k.key)
				}
			}
			slices.Sort(indices)
			for i, index := range indices {
				if i != index {
					t.Fatalf("%s, %d: index %d at %d", name, n, index, i)
				}
			}
			if len(indices) != n {
				t.Fatalf("%s: %d of %d values", name, len(indices), n)
			}
		}
	}
}

// TestSide: a side that is ranked once correlates as Spearman does, to the last bit, and refuses what it refuses.
func TestSide(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		n := 2 + draw.IntN(3000)
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(draw.IntN(500)), float64(draw.IntN(21))
		}
		want, errWant := Spearman(x, y)
		side, err := NewSide(y)
		if err != nil {
			continue // constant
		}
		if got, err := side.Spearman(x); got != want || (err == nil) != (errWant == nil) {
			t.Fatalf("%d values: %v, %v, want %v, %v", n, got, err, want, errWant)
		}
	}
	if _, err := NewSide([]float64{1, 1}); err == nil || err.Error() != "rank: second side: constant, all 2 values are 1" {
		t.Error(err)
	}
	side, err := NewSide([]float64{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range [][]float64{{1}, {1, 2, 3}, {1, 1}, {1, math.NaN()}} {
		if _, err := side.Spearman(x); err == nil {
			t.Errorf("%v passed", x)
		}
	}
}
