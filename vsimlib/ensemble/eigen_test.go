// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"vsim/vsimlib/embeddings"
)

// matrices to decompose, chosen to be hard: equal eigenvalues, zeros, blocks that do not touch, huge ranges.
func matrices() map[string]*mat.SymDense {
	draw := rand.New(rand.NewPCG(8, 1))
	list := map[string]*mat.SymDense{}
	add := func(name string, n int, at func(i, j int) float64) {
		a := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				a.SetSym(i, j, at(i, j))
			}
		}
		list[fmt.Sprint(name, " ", n)] = a
	}
	gramOf := func(name string, n, rank int, column func(j int) float64) {
		x := mat.NewDense(rank, n, nil)
		for i := range rank {
			for j := range n {
				x.Set(i, j, draw.NormFloat64()*column(i))
			}
		}
		var g mat.Dense
		g.Mul(x.T(), x)
		add(name, n, func(i, j int) float64 { return g.At(i, j) })
	}
	one := func(int) float64 { return 1 }
	for _, n := range []int{1, 2, 3, 4, 33, 150} {
		gramOf("random", n, 2*n, one)
		add("identity", n, func(i, j int) float64 {
			if i == j {
				return 1
			}
			return 0
		})
		add("all ones", n, func(i, j int) float64 { return 1 })
		add("indefinite", n, func(i, j int) float64 { return draw.NormFloat64() })
	}
	gramOf("rank 7", 60, 7, one)
	gramOf("falling by 1e-12", 60, 60, func(i int) float64 { return math.Pow(10, -float64(i)/5) })
	add("two equal blocks", 40, func(i, j int) float64 {
		if (i < 20) != (j < 20) {
			return 0
		}
		return 1 / float64(1+i%20+j%20)
	})
	add("tridiagonal already", 50, func(i, j int) float64 { return []float64{2, -1, 0}[min(2, j-i)] })
	add("Wilkinson, pairs of almost equal values", 101, func(i, j int) float64 { // W+ of order 101
		switch j - i {
		case 0:
			return math.Abs(float64(50 - i))
		case 1:
			return 1
		}
		return 0
	})
	return list
}

// The values are gonum's, the vectors are orthonormal and belong to them.
func TestE10_TopEigenEqualsGonum(t *testing.T) {
	for name, a := range matrices() {
		t.Run(name, func(t *testing.T) {
			n := a.SymmetricDim()
			var eigen mat.EigenSym
			if !eigen.Factorize(a, false) {
				t.Fatal("gonum does not converge")
			}
			want := eigen.Values(nil)
			scale := math.Max(math.Abs(want[0]), math.Abs(want[n-1]))
			for _, k := range []int{1, (n + 1) / 2, n} {
				values, vectors, ok := topEigen(a, k)
				if !ok || len(values) != k || len(vectors) != k {
					t.Fatalf("k %d: %v, %d values", k, ok, len(values))
				}
				for j := range k {
					if math.Abs(values[j]-want[n-1-j]) > 1e-13*scale {
						t.Errorf("value %d: %v, want %v", j, values[j], want[n-1-j])
					}
					z := mat.NewVecDense(n, vectors[j])
					var az mat.VecDense
					az.MulVec(a, z)
					az.AddScaledVec(&az, -values[j], z)
					if r := mat.Norm(&az, 2); r > 1e-12*scale {
						t.Errorf("vector %d: residual %v", j, r)
					}
					for i := range j + 1 {
						dot := floats.Dot(vectors[i], vectors[j])
						if i == j {
							dot--
						}
						if math.Abs(dot) > 1e-11 {
							t.Fatalf("vectors %d and %d: off by %v", i, j, dot)
						}
					}
				}
			}
		})
	}
}

// Where the fast way gives up, gonum's takes over with the same result.
func TestLargestFallsBack(t *testing.T) {
	zero := mat.NewSymDense(3, nil)
	if _, _, ok := topEigen(zero, 2); ok {
		t.Error("a zero matrix has a scale")
	}
	values, vectors, err := largest(zero, 2)
	if err != nil || len(values) != 2 || len(vectors) != 2 || values[0] != 0 {
		t.Errorf("%v, %v, %v", values, vectors, err)
	}
	if _, _, ok := topEigen(mat.NewSymDense(2, []float64{1, math.NaN(), math.NaN(), 1}), 2); ok {
		t.Error("NaN passed")
	}
}

func BenchmarkTopEigen(b *testing.B) {
	draw := rand.New(rand.NewPCG(1, 1))
	m, err := NewMembers([]*embeddings.Set{random(draw, 2000, 1536)})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("1536", func(b *testing.B) {
		for b.Loop() {
			if _, _, ok := topEigen(m.gram, 256); !ok {
				b.Fatal("does not converge")
			}
		}
	})
}
