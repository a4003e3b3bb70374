// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"vsim/vsimlib/embeddings"
)

// concatenated is the weighted concatenation (E9) of some sets whose rows are in the same order, written out in float64.
func concatenated(sets []*embeddings.Set, weights []float64) *mat.Dense {
	sum := 0.
	for _, w := range weights {
		sum += w
	}
	var all mat.Dense
	for m, s := range sets {
		x := mat.NewDense(len(s.IDs), s.Dim, nil)
		for i := range s.IDs {
			for j, v := range s.Row(i) {
				x.Set(i, j, float64(v)*math.Sqrt(weights[m]/sum)/norm(s.Row(i)))
			}
		}
		if m == 0 {
			all.CloneFrom(x)
			continue
		}
		var wider mat.Dense
		wider.Augment(&all, x)
		all.CloneFrom(&wider)
	}
	return &all
}

// A subset's Gram matrix, a part of that of all members, is the product that its own concatenation gives.
func TestE9_PartOfGram(t *testing.T) {
	draw := rand.New(rand.NewPCG(9, 1))
	for _, n := range []int{1, 7, gramRows, gramRows + 1, 2*gramRows + 3} {
		sets := []*embeddings.Set{random(draw, n, 37), random(draw, n, 5), random(draw, n, 1), random(draw, n, 64)}
		m, err := NewMembers(sets)
		if err != nil {
			t.Fatal(err)
		}
		for _, members := range [][]int{{0}, {2}, {0, 1}, {1, 3}, {0, 2, 3}, {0, 1, 2, 3}} {
			var some []*embeddings.Set
			var weights []float64
			for _, k := range members {
				some, weights = append(some, sets[k]), append(weights, .1+draw.Float64())
			}
			scale, err := scales(len(members), weights)
			if err != nil {
				t.Fatal(err)
			}
			x := concatenated(some, weights)
			var want mat.Dense
			want.Mul(x.T(), x)
			if got := m.part(members, scale); !mat.EqualApprox(got, &want, 1e-13*float64(n)) {
				t.Errorf("%d videos, members %v: the Gram matrix differs", n, members)
			}
		}
	}
}

// Joints of a few videos, in any order, have the cosines of gonum's SVD to 1e-6, whether computed in float64 or in float32.
func TestE10_ProjectEqualsSVD(t *testing.T) {
	draw := rand.New(rand.NewPCG(10, 1))
	wide := random(draw, 300, 90)
	few := random(draw, 9, 40)
	deficient := random(draw, 150, 12) // 12 directions that three members share
	for name, c := range map[string]struct {
		sets []*embeddings.Set
		dim  int
	}{
		"widths that differ":      {[]*embeddings.Set{wide, random(draw, 300, 33), random(draw, 300, 7)}, 64},
		"one column":              {[]*embeddings.Set{wide, random(draw, 300, 33)}, 1},
		"dim above the width":     {[]*embeddings.Set{random(draw, 40, 9), random(draw, 40, 5)}, 256},
		"fewer videos than dim":   {[]*embeddings.Set{few, random(draw, 9, 30)}, 24},
		"rank below dim":          {[]*embeddings.Set{deficient, deficient, deficient}, 30},
		"one member of all width": {[]*embeddings.Set{random(draw, 60, 16)}, 16},
	} {
		t.Run(name, func(t *testing.T) { checkProject(t, draw, c.sets, c.dim) })
	}
}

func checkProject(t *testing.T, draw *rand.Rand, sets []*embeddings.Set, dim int) {
	var members []int
	var weights []float64
	for k := range sets {
		members, weights = append(members, k), append(weights, float64(1+k))
	}
	x := concatenated(sets, weights)
	var svd mat.SVD
	if !svd.Factorize(x, mat.SVDThin) {
		t.Fatal("gonum does not converge")
	}
	var v, want mat.Dense
	svd.VTo(&v)
	n, _ := x.Dims()
	w, columns := v.Dims()
	want.Mul(x, v.Slice(0, w, 0, min(dim, columns)))

	m, err := NewMembers(sets)
	if err != nil {
		t.Fatal(err)
	}
	j, err := m.Join(members, weights, dim)
	if err != nil {
		t.Fatal(err)
	}
	rows := draw.Perm(n)[:(n+1)/2]
	all := m.all(j)
	for _, s := range []*Selection{m.Select(rows), {members: m, videos: len(rows), short: units[float32](m, rows)}} {
		checkSelection(t, s, rows, j, all, &want)
	}
	if many := m.Select(make([]int, exactVideos+1)); many.short == nil || many.long != nil {
		t.Error("many videos are not projected in float32")
	}
}

// checkSelection compares cosines with those of want, and embeddings with all, those in float64.
func checkSelection(t *testing.T, s *Selection, rows []int, j *Joint, all []float32, want *mat.Dense) {
	got := s.Project(j, nil)
	for a, i := range rows {
		for b, k := range rows {
			exact := mat.Dot(want.RowView(i), want.RowView(k)) / mat.Norm(want.RowView(i), 2) / mat.Norm(want.RowView(k), 2)
			if c := cosine(got[a*j.Dim:(a+1)*j.Dim], got[b*j.Dim:(b+1)*j.Dim]); math.Abs(c-exact) > 1e-6 {
				t.Fatalf("videos %d and %d: cosine %v, want %v", i, k, c, exact)
			}
		}
		for d := range j.Dim {
			if short, long := got[a*j.Dim+d], all[i*j.Dim+d]; math.Abs(float64(short-long)) > 1e-6 {
				t.Fatalf("video %d, column %d: %v, Combine gives %v", i, d, short, long)
			}
		}
	}
}

func cosine(a, b []float32) float64 { return dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b)) }

// Equal videos stay equal, at the edge of the kernels' tiles too, so that pairs of them tie.
func TestProjectOfEqualVideos(t *testing.T) {
	draw := rand.New(rand.NewPCG(11, 1))
	set := random(draw, chunk+11, 21)
	for i := range set.IDs {
		copy(set.Row(i), set.Row(0))
	}
	m, err := NewMembers([]*embeddings.Set{set, set})
	if err != nil {
		t.Fatal(err)
	}
	j, err := m.Join([]int{0, 1}, nil, 5)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]int, len(set.IDs))
	for i := range rows {
		rows[i] = i
	}
	s := &Selection{members: m, videos: len(rows), short: units[float32](m, rows)}
	out := s.Project(j, nil)
	for i := range rows {
		if fmt.Sprint(out[:5]) != fmt.Sprint(out[5*i:5*i+5]) {
			t.Errorf("row %d is %v, the first %v", i, out[5*i:5*i+5], out[:5])
		}
	}
}
