// SPDX-License-Identifier: Apache-2.0

package dense

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// withEach runs a test with every kernel of this CPU.
func withEach[T Number](t *testing.T, list *[]*kernel[T], test func(t *testing.T)) {
	t.Helper()
	all := *list
	defer func() { *list = all }()
	for i, k := range all {
		t.Run(fmt.Sprintf("%T %s", *new(T), k.name), func(t *testing.T) {
			*list = all[i:]
			test(t)
		})
	}
}

func random[T Number](draw *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(draw.NormFloat64())
	}
	return x
}

// sizes are rows, depth and columns: multiples of the kernels' sizes, one more, one less, and ones.
var sizes = [][3]int{{1, 1, 1}, {8, 5, 32}, {7, 3, 31}, {9, 64, 33}, {4, 1, 16}, {3, 2, 100}, {50, 37, 15}, {64, 256, 96}}

func TestAddEqualsSums(t *testing.T) {
	withEach(t, &kernels32, func(t *testing.T) { checkAdd[float32](t, 1e-4) })
	withEach(t, &kernels64, func(t *testing.T) { checkAdd[float64](t, 1e-12) })
}

func checkAdd[T Number](t *testing.T, tolerance float64) {
	draw := rand.New(rand.NewPCG(1, 1))
	var again *Panels[T]
	for _, size := range sizes {
		rows, depth, columns := size[0], size[1], size[2]
		lda, ldb, ldc := depth+3, columns+2, columns+1
		a, b, c := random[T](draw, rows*lda), random[T](draw, depth*ldb), random[T](draw, rows*ldc)
		turned := make([]T, columns*depth)
		for i := range depth {
			for j := range columns {
				turned[j*depth+i] = b[i*ldb+j]
			}
		}
		again = Pack(again, b, ldb, depth, columns)
		both := map[string]*Panels[T]{"packed": again, "transposed": PackTransposed[T](nil, turned, depth, depth, columns)}
		for name, panels := range both {
			got := slices.Clone(c)
			Add(got, ldc, a[:(rows-1)*lda+depth], lda, rows, panels)
			for i := range rows {
				for j := range ldc {
					want := float64(c[i*ldc+j])
					for k := range depth {
						if j < columns {
							want += float64(a[i*lda+k]) * float64(b[k*ldb+j])
						}
					}
					if v := float64(got[i*ldc+j]); math.Abs(v-want) > tolerance {
						t.Fatalf("%s %v: [%d,%d] is %v, want %v", name, size, i, j, v, want)
					}
				}
			}
		}
	}
}

// Equal rows of A give equal rows of C, at the edge too: pairs of equal videos tie.
func TestAddOfEqualRows(t *testing.T) {
	withEach(t, &kernels32, func(t *testing.T) {
		draw := rand.New(rand.NewPCG(2, 1))
		const rows, depth, columns = 19, 70, 45
		row := random[float32](draw, depth)
		panels := Pack(nil, random[float32](draw, depth*columns), columns, depth, columns)
		c := make([]float32, rows*columns)
		Add(c, columns, slices.Repeat(row, rows), depth, rows, panels)
		for i := range rows {
			if !slices.Equal(c[:columns], c[i*columns:(i+1)*columns]) {
				t.Fatalf("row %d differs from the first", i)
			}
		}
	})
}

func TestAddUpperEqualsSums(t *testing.T) {
	withEach(t, &kernels32, func(t *testing.T) { checkUpper[float32](t, 1e-4) })
	withEach(t, &kernels64, func(t *testing.T) { checkUpper[float64](t, 1e-12) })
}

func checkUpper[T Number](t *testing.T, tolerance float64) {
	draw := rand.New(rand.NewPCG(3, 1))
	for _, size := range [][2]int{{1, 1}, {5, 16}, {3, 33}, {20, 7}, {64, 100}} {
		depth, n := size[0], size[1]
		ldc := n + 2
		a, b, c := random[T](draw, depth*n), random[T](draw, depth*n), random[T](draw, n*ldc)
		got := slices.Clone(c)
		left, right := Pack(nil, a, n, depth, n), Pack(nil, b, n, depth, n)
		for strip := range right.Strips() {
			AddUpper(got, ldc, left, right, strip)
		}
		for i := range n {
			for j := i; j < ldc; j++ {
				want := float64(c[i*ldc+j])
				for k := range depth {
					if j < n {
						want += float64(a[k*n+i]) * float64(b[k*n+j])
					}
				}
				if v := float64(got[i*ldc+j]); math.Abs(v-want) > tolerance {
					t.Fatalf("%v: [%d,%d] is %v, want %v", size, i, j, v, want)
				}
			}
		}
	}
}

// Products of rows, with vectors and without.
func TestRowsEqualSums(t *testing.T) {
	has := vectors
	defer func() { vectors = has }()
	for _, vectors = range slices.Compact([]bool{has, false}) {
		draw := rand.New(rand.NewPCG(4, 1))
		for _, n := range []int{0, 1, 3, 4, 5, 8, 9, 13, 31, 64, 101} {
			stride, rows := n+3, 11
			a, x := random[float64](draw, rows*stride), random[float64](draw, n)
			out := make([]float64, rows)
			DotRows(out, a, stride, x)
			y, factors := random[float64](draw, n), random[float64](draw, rows)
			sum := slices.Clone(y)
			AddRows(sum, a, stride, factors)
			for i := range rows {
				want := dot(a[i*stride:i*stride+n], x)
				if math.Abs(out[i]-want) > 1e-12 {
					t.Errorf("n %d: product with row %d is %v, want %v", n, i, out[i], want)
				}
				addScaled(y, a[i*stride:], factors[i])
			}
			for j := range y {
				if math.Abs(sum[j]-y[j]) > 1e-12 {
					t.Errorf("n %d: sum %d is %v, want %v", n, j, sum[j], y[j])
				}
			}
		}
	}
}

func TestSymmetricReadsTheUpperHalf(t *testing.T) {
	has := vectors
	defer func() { vectors = has }()
	for _, vectors = range slices.Compact([]bool{has, false}) {
		draw := rand.New(rand.NewPCG(5, 1))
		for _, n := range []int{0, 1, 2, 4, 5, 8, 9, 11, 12, 40, 77} {
			stride := n + 1
			a, x := random[float64](draw, n*stride), random[float64](draw, n)
			y := slices.Repeat([]float64{math.NaN()}, n)
			for i := range n {
				for j := range i {
					a[i*stride+j] = math.NaN()
				}
			}
			Symmetric(y, a, stride, x)
			for i := range n {
				want := 0.
				for j := range n {
					want += a[min(i, j)*stride+max(i, j)] * x[j]
				}
				if !(math.Abs(y[i]-want) < 1e-12) {
					t.Errorf("n %d: element %d is %v, want %v", n, i, y[i], want)
				}
			}
		}
	}
}

// Slices that are too short panic in Go, instead of a kernel's writing beyond them; nothing to add is no error.
func TestBounds(t *testing.T) {
	b := Pack(nil, make([]float64, 6), 3, 2, 3)
	short := func(n int) []float64 { return make([]float64, n) }
	for name, call := range map[string]func(){
		"Add, C":       func() { Add(short(11), 3, short(8), 2, 4, b) },
		"Add, A":       func() { Add(short(12), 3, short(7), 2, 4, b) },
		"AddUpper":     func() { AddUpper(short(8), 3, b, b, 0) },
		"other panels": func() { AddUpper(short(9), 3, Pack(nil, short(3), 3, 1, 3), b, 0) },
		"DotRows":      func() { DotRows(short(4), short(15), 4, short(4)) },
		"AddRows":      func() { AddRows(short(4), short(15), 4, short(4)) },
		"Symmetric":    func() { Symmetric(short(9), short(80), 9, short(9)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
	Add(nil, 3, nil, 2, 0, b)
	Add(short(6), 3, nil, 0, 2, Pack[float64](nil, nil, 3, 0, 3))
}

// BenchmarkAdd reports the speed of one core.
func BenchmarkAdd(b *testing.B) {
	benchmarkAdd(b, kernels32)
	benchmarkAdd(b, kernels64)
}

func benchmarkAdd[T Number](b *testing.B, list []*kernel[T]) {
	const rows, depth, columns = 96, 256, 256
	for _, k := range list {
		b.Run(fmt.Sprintf("%T/%s", *new(T), k.name), func(b *testing.B) {
			p := (&Panels[T]{kernel: k}).resize(depth, columns)
			a, c := make([]T, rows*depth), make([]T, rows*columns)
			for b.Loop() {
				Add(c, columns, a, depth, rows, p)
			}
			b.ReportMetric(2*rows*depth*columns*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkSymmetric(b *testing.B) {
	for _, n := range []int{256, 512, 1024, 1536} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a, x, y := make([]float64, n*n), make([]float64, n), make([]float64, n)
			for b.Loop() {
				Symmetric(y, a, n, x)
			}
			b.ReportMetric(2*float64(n*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
