// SPDX-License-Identifier: Apache-2.0

package neighbours

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/filetest"
)

// made is n embeddings of a width with ids that are not in order; every seventh is twice its neighbour, so that cosines tie.
func made(n, dim int) *embeddings.Set {
	r := rand.New(rand.NewPCG(1, 2))
	s := &embeddings.Set{Dim: dim, IDs: make([]int64, n), Data: make([]float32, n*dim)}
	for i, v := range r.Perm(n) {
		s.IDs[i] = int64(v * 3)
	}
	for i := range s.Data {
		s.Data[i] = float32(r.NormFloat64())
	}
	for i := 7; i < n; i += 7 {
		for j, v := range s.Row(i - 1) {
			s.Row(i)[j] = 2 * v
		}
	}
	return s
}

// indexed is an index with blocks so small that a test has several.
func indexed(t *testing.T, s *embeddings.Set) *Index {
	t.Helper()
	x, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	x.height, x.width = 5, 9
	return x
}

func collect[T any](t *testing.T, seq func(func(T, error) bool)) []T {
	t.Helper()
	var list []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

// slowly is the cosine of two rows, term by term.
func slowly(s *embeddings.Set, a, b int) float64 {
	var ab, aa, bb float64
	for j, v := range s.Row(a) {
		w := s.Row(b)[j]
		ab, aa, bb = ab+float64(v)*float64(w), aa+float64(v)*float64(v), bb+float64(w)*float64(w)
	}
	return round(ab / math.Sqrt(aa) / math.Sqrt(bb))
}

// alike reports whether two neighbours are the same; a cosine halfway between two multiples of the precision is rounded to either.
func alike(a, b Neighbour) bool { return a.ID == b.ID && math.Abs(a.Cosine-b.Cosine) < 1.5*precision }

// TestNearest compares with the cosines of all pairs, one after the other and sorted, at edges of blocks and of k.
func TestNearest(t *testing.T) {
	for _, n := range []int{1, 2, 5, 46, 131} {
		s := made(n, 11)
		for _, k := range []int{1, 3, n + 4} {
			got := collect(t, indexed(t, s).Nearest(context.Background(), k))
			for i, q := range got {
				var want []Neighbour
				for j := range n {
					if j != i {
						want = append(want, Neighbour{s.IDs[j], slowly(s, i, j)})
					}
				}
				slices.SortFunc(want, func(a, b Neighbour) int {
					return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.ID, b.ID))
				})
				want = want[:min(k, len(want))]
				if q.ID != s.IDs[i] || !slices.EqualFunc(q.Nearest, want, alike) {
					t.Fatalf("n %d, k %d, id %d: %v, want those of id %d: %v", n, k, q.ID, q.Nearest, s.IDs[i], want)
				}
			}
			if len(got) != n {
				t.Errorf("%d queries of %d embeddings", len(got), n)
			}
		}
	}
}

// TestNearestOf some ids, in the order asked for.
func TestNearestOf(t *testing.T) {
	s := made(40, 4)
	x := indexed(t, s)
	all := collect(t, x.Nearest(context.Background(), 3))
	got := collect(t, x.Nearest(context.Background(), 3, s.IDs[30], s.IDs[2]))
	if len(got) != 2 || !slices.Equal(got[0].Nearest, all[30].Nearest) || !slices.Equal(got[1].Nearest, all[2].Nearest) {
		t.Errorf("%v, want %v and %v", got, all[30], all[2])
	}
}

// TestTies: equal embeddings have the cosine 1, and are in the order of their ids wherever they are in the file.
func TestTies(t *testing.T) {
	s := &embeddings.Set{Dim: 3, IDs: []int64{9, 4, 7, 1, 5}, Data: slices.Repeat([]float32{0.1, 0.7, -0.3}, 5)}
	for _, q := range collect(t, indexed(t, s).Nearest(context.Background(), 2, 4, 1)) {
		want := []Neighbour{{1, 1}, {5, 1}}
		if q.ID == 1 {
			want[0].ID, want[1].ID = 4, 5
		}
		if !slices.Equal(q.Nearest, want) {
			t.Errorf("nearest of %d: %v, want %v", q.ID, q.Nearest, want)
		}
	}
}

// TestDuplicates compares with all pairs; the threshold itself is in.
func TestDuplicates(t *testing.T) {
	s := made(131, 3)
	x := indexed(t, s)
	for _, threshold := range []float64{-1, 0.5, 0.95, 1, 1.1} {
		var want []Pair
		for i := range s.Len() {
			for j := range s.Len() {
				if c := slowly(s, i, j); s.IDs[i] < s.IDs[j] && c >= threshold {
					want = append(want, Pair{s.IDs[i], s.IDs[j], c})
				}
			}
		}
		slices.SortFunc(want, func(a, b Pair) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
		if got := collect(t, x.Duplicates(context.Background(), threshold)); !slices.EqualFunc(got, want, func(a, b Pair) bool {
			return a.A == b.A && alike(Neighbour{a.B, a.Cosine}, Neighbour{b.B, b.Cosine})
		}) {
			t.Errorf("threshold %g: %d pairs, want %d", threshold, len(got), len(want))
		}
	}
}

// TestErrors names what is wrong; an end in the middle and a stop leave no worker behind.
func TestErrors(t *testing.T) {
	for want, s := range map[string]*embeddings.Set{
		"id 5 appears twice, in rows 0 and 2": {Dim: 1, IDs: []int64{5, 6, 5}, Data: []float32{1, 1, 1}},
		"id 6 (row 1): is all zeros":          {Dim: 2, IDs: []int64{5, 6}, Data: []float32{1, 1, 0, 0}},
	} {
		if _, err := New(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	x := indexed(t, made(60, 2))
	for _, err := range x.Nearest(context.Background(), 2, 1) {
		if err == nil || !strings.Contains(err.Error(), "id 1 is not among the 60 embeddings") {
			t.Errorf("%v", err)
		}
	}
	for _, err := range x.Nearest(context.Background(), 2) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var last error
	for _, err := range x.Duplicates(ctx, -1) {
		stop()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("after a stop: %v", last)
	}
}

// numpyNearest prints for each row the ids and cosines of the k nearest others.
const numpyNearest = `
import sys, numpy as np
e, ids, k = np.load(sys.argv[1]).astype(np.float64), np.load(sys.argv[2]), int(sys.argv[3])
u = e / np.linalg.norm(e, axis=1, keepdims=True)
for first in range(0, len(u), 500):
    c = np.round(u[first:first + 500] @ u.T, 12)
    for i, row in enumerate(c):
        row[first + i] = -2
        for j in np.lexsort((ids, -row))[:k]:
            print(ids[first + i], ids[j], format(row[j], '.12f'))
`

// TestNumpy compares with numpy, through the .npy files that vsim embed --format writes. VSIM_PYTHON is a Python with numpy.
func TestNumpy(t *testing.T) {
	python := os.Getenv("VSIM_PYTHON")
	if python == "" {
		t.Skip("VSIM_PYTHON is not set")
	}
	s := made(1500, 64)
	dir := t.TempDir()
	script := filetest.Write(t, filepath.Join(dir, "nearest.py"), numpyNearest)
	files, err := s.Export(filepath.Join(dir, "e.safetensors"), embeddings.NPY, false)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, script, files[0], files[1], "10").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	x, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i, q := range collect(t, x.Nearest(context.Background(), 10)) {
		for j, near := range q.Nearest {
			var id int64
			var want Neighbour
			if _, err := fmt.Sscan(lines[10*i+j], &id, &want.ID, &want.Cosine); err != nil {
				t.Fatal(err)
			}
			if id != q.ID || !alike(near, want) {
				t.Fatalf("neighbour %d of id %d: %v, numpy's %s", j, q.ID, near, lines[10*i+j])
			}
		}
	}
	if len(lines) != 10*s.Len() {
		t.Errorf("numpy has %d lines", len(lines))
	}
}
