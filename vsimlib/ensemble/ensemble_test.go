// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/filetest"
)

// stored is a case of testdata/numpy.json, which testdata/make_numpy.py made with numpy.linalg.svd.
type stored struct {
	Name      string
	Sets      []*embeddings.Set
	Weights   []float64
	Dim       int
	Rows      []float64 // U·S [N,Columns] in the order of the first set
	Columns   int
	Explained float64
	Dots      []float64 // [N,N]
}

func numpyCases(t *testing.T) []stored {
	t.Helper()
	return filetest.Cases[stored](t, "testdata/numpy.json", 6)
}

func dot(a, b []float32) float64 {
	sum := 0.
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// random makes a set of n videos with ids 1..n.
func random(draw *rand.Rand, n, dim int) *embeddings.Set {
	s := &embeddings.Set{Dim: dim}
	for i := range n {
		s.IDs = append(s.IDs, int64(i+1))
		for range dim {
			s.Data = append(s.Data, float32(draw.NormFloat64()))
		}
	}
	return s
}

// shuffled returns the same videos in another order.
func shuffled(draw *rand.Rand, s *embeddings.Set) *embeddings.Set {
	out := &embeddings.Set{Dim: s.Dim}
	for _, i := range draw.Perm(len(s.IDs)) {
		out.IDs = append(out.IDs, s.IDs[i])
		out.Data = append(out.Data, s.Row(i)...)
	}
	return out
}

func combine(t *testing.T, sets []*embeddings.Set, weights []float64, dim int) (*embeddings.Set, Info) {
	t.Helper()
	out, info, err := Combine(sets, weights, dim)
	if err != nil {
		t.Fatal(err)
	}
	return out, info
}

func TestE10_SVDEqualsNumpy(t *testing.T) {
	for _, c := range numpyCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			out, info := combine(t, c.Sets, c.Weights, c.Dim)
			n := len(out.IDs)
			if !slices.Equal(out.IDs, c.Sets[0].IDs) || len(out.Data) != n*out.Dim || out.Dim < c.Columns {
				t.Fatalf("%d rows of %d, want %d", n, out.Dim, c.Columns)
			}
			if info.Models != len(c.Sets) || info.Dim != out.Dim || math.Abs(info.Explained-c.Explained) > 1e-12 {
				t.Errorf("%+v, want explained %v", info, c.Explained)
			}
			for k := range c.Columns { // equal up to one sign a column
				sign := 0.
				for i := range n {
					sign += float64(out.Row(i)[k]) * c.Rows[i*c.Columns+k]
				}
				for i := range n {
					got, want := float64(out.Row(i)[k]), math.Copysign(1, sign)*c.Rows[i*c.Columns+k]
					if math.Abs(got-want) > 1e-6 {
						t.Fatalf("row %d, column %d: %v, want %v", i, k, got, want)
					}
				}
			}
			for i := range n {
				for j := range n {
					if got, want := dot(out.Row(i), out.Row(j)), c.Dots[i*n+j]; math.Abs(got-want) > 1e-6 {
						t.Fatalf("dot product of rows %d and %d: %v, want %v", i, j, got, want)
					}
				}
			}
		})
	}
}

// With all columns kept, dot products are the weighted means of the models' cosines.
func TestE9_ConcatenationIsMeanOfCosines(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 1))
	a, b := random(draw, 17, 5), random(draw, 17, 3)
	out, info := combine(t, []*embeddings.Set{a, b}, []float64{3, 1}, 8)
	if math.Abs(info.Explained-1) > 1e-12 || info.Dim != 8 {
		t.Errorf("%+v", info)
	}
	cosine := func(s *embeddings.Set, i, j int) float64 {
		return dot(s.Row(i), s.Row(j)) / norm(s.Row(i)) / norm(s.Row(j))
	}
	for i := range a.IDs {
		for j := range a.IDs {
			want := .75*cosine(a, i, j) + .25*cosine(b, i, j)
			if got := dot(out.Row(i), out.Row(j)); math.Abs(got-want) > 1e-6 {
				t.Fatalf("rows %d and %d: %v, want %v", i, j, got, want)
			}
		}
	}
}

// Only the first set's order shows; lengths of rows and a common factor of the weights do not.
func TestE9_OrderLengthAndScaleDoNotMatter(t *testing.T) {
	draw := rand.New(rand.NewPCG(4, 1))
	a, b, c := random(draw, 29, 6), random(draw, 29, 4), random(draw, 29, 7)
	want, _ := combine(t, []*embeddings.Set{a, b, c}, []float64{1, 2, 3}, 9)
	b2 := shuffled(draw, b)
	for i := range b2.Data {
		b2.Data[i] *= 1 << 20
	}
	got, _ := combine(t, []*embeddings.Set{a, b2, shuffled(draw, c)}, []float64{10, 20, 30}, 9)
	for i, v := range got.Data {
		if math.Abs(float64(v-want.Data[i])) > 1e-6 {
			t.Fatalf("value %d: %v, want %v", i, v, want.Data[i])
		}
	}
	turned, _ := combine(t, []*embeddings.Set{shuffled(draw, a), b, c}, []float64{1, 2, 3}, 9)
	at, err := turned.Index()
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range want.IDs {
		for k, v := range turned.Row(at[id]) {
			if math.Abs(float64(v-want.Row(i)[k])) > 1e-6 {
				t.Fatalf("id %d, column %d: %v, want %v", id, k, v, want.Row(i)[k])
			}
		}
	}
}

// The same bits every time, over several blocks of rows, and columns in falling order with a fixed sign.
func TestE10_Deterministic(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 1))
	n := 2*gramRows + 37
	sets := []*embeddings.Set{random(draw, n, 40), random(draw, n, 31)}
	first, info := combine(t, sets, nil, 50)
	again, _ := combine(t, sets, nil, 50)
	if !slices.Equal(first.Data, again.Data) {
		t.Error("two runs differ")
	}
	last, sum := math.Inf(1), 0.
	for k := range first.Dim {
		energy := 0.
		for i := range n {
			energy += math.Pow(float64(first.Row(i)[k]), 2)
		}
		if energy > last*(1+1e-6) {
			t.Errorf("column %d carries %v, the one before %v", k, energy, last)
		}
		last, sum = energy, sum+energy
	}
	// Rows have length 1 before, so that all squared singular values sum to N.
	if got := sum / float64(n); math.Abs(got-info.Explained) > 1e-6 || got < .7 || got > .95 {
		t.Errorf("explained %v, columns carry %v", info.Explained, got)
	}
}

// A video listed twice, or models that agree fully, leave directions with nothing in them: those columns are zero.
func TestE10_RankDeficient(t *testing.T) {
	draw := rand.New(rand.NewPCG(6, 1))
	a := random(draw, 31, 4)
	out, info := combine(t, []*embeddings.Set{a, a, a}, nil, 12)
	if math.Abs(info.Explained-1) > 1e-12 {
		t.Errorf("%+v", info)
	}
	for i := range out.IDs {
		for k, v := range out.Row(i) {
			if k >= 4 && v != 0 {
				t.Fatalf("row %d, column %d: %v", i, k, v)
			}
		}
		if got := dot(out.Row(i), out.Row(i)); math.Abs(got-1) > 1e-6 {
			t.Errorf("row %d has squared length %v", i, got)
		}
	}
}

func TestPositive(t *testing.T) {
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{1, -2}, []float64{-1, 2}},
		{[]float64{1, 2}, []float64{1, 2}},
		{[]float64{-2, 2}, []float64{2, -2}},
		{[]float64{2 - 1e-12, -2}, []float64{2 - 1e-12, -2}},
		{[]float64{0, 0}, []float64{0, 0}},
	} {
		if got := positive(slices.Clone(c.in)); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.in, got, c.want)
		}
	}
}

func TestCombineErrors(t *testing.T) {
	set := func(dim int, ids []int64, data ...float32) *embeddings.Set {
		return &embeddings.Set{IDs: ids, Dim: dim, Data: data}
	}
	a := set(1, []int64{7, 8}, 1, 2)
	nan := float32(math.NaN())
	for _, c := range []struct {
		sets    []*embeddings.Set
		weights []float64
		dim     int
		want    string
	}{
		{nil, nil, 2, "no embeddings"},
		{[]*embeddings.Set{set(2, nil)}, nil, 2, "no embeddings"},
		{[]*embeddings.Set{a}, nil, 0, "dim 0, want at least 1"},
		{[]*embeddings.Set{a, a}, []float64{1}, 2, "1 weights for 2 models"},
		{[]*embeddings.Set{a, a}, []float64{1, 0}, 2, "weight 2 is 0, want a positive number"},
		{[]*embeddings.Set{a}, []float64{math.NaN()}, 2, "weight 1 is NaN, want a positive number"},
		{[]*embeddings.Set{a}, []float64{math.Inf(1)}, 2, "weight 1 is +Inf, want a positive number"},
		{[]*embeddings.Set{a, a}, []float64{1e308, 1e308}, 2, "the weights' sum is too large"},
		{[]*embeddings.Set{a, set(1, []int64{8}, 1)}, nil, 2, "model 2 of 2: id 7, which the first model has, is missing"},
		{[]*embeddings.Set{a, set(1, []int64{8, 9, 7}, 1, 1, 1)}, nil, 2, "model 2 of 2: id 9 is not in the first model's embeddings"},
		{[]*embeddings.Set{set(2, []int64{7, 8}, 1, 2, 0, 0)}, nil, 2, "model 1 of 1: the embedding of id 8 has length 0"},
		{[]*embeddings.Set{a, set(1, []int64{7, 8}, nan, 2)}, nil, 2, "model 2 of 2: the embedding of id 7 has length NaN"},
		{[]*embeddings.Set{set(3, []int64{7}, 1)}, nil, 2, "model 1 of 1: 1 values for 1 rows of 3"},
	} {
		_, _, err := Combine(c.sets, c.weights, c.dim)
		if err == nil || err.Error() != "ensemble: "+c.want {
			t.Errorf("%v\nwant ensemble: %s", err, c.want)
		}
	}
	if _, _, err := Combine([]*embeddings.Set{set(1, []int64{7, 7}, 1, 2)}, nil, 1); err == nil {
		t.Error("a repeated id passed")
	}
}

func BenchmarkCombine(b *testing.B) {
	draw := rand.New(rand.NewPCG(1, 1))
	var sets []*embeddings.Set
	for range 6 {
		sets = append(sets, random(draw, 2000, 128))
	}
	b.Run(fmt.Sprint(2000), func(b *testing.B) {
		for b.Loop() {
			if _, _, err := Combine(sets, nil, 256); err != nil {
				b.Fatal(err)
			}
		}
	})
}
