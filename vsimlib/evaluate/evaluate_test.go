// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/filetest"
)

// stored is a case of testdata/scipy.json, which testdata/make_scipy.py made with numpy and scipy.
type stored struct {
	Name string
	embeddings.Set
	Pairs         []corpus.Pair
	Spearman, MSE float64
}

func scipyCases(t *testing.T) []stored {
	t.Helper()
	return filetest.Cases[stored](t, "testdata/scipy.json", 4)
}

func TestScoreEqualsScipy(t *testing.T) {
	for _, c := range scipyCases(t) {
		got, err := Score(&c.Set, c.Pairs)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if math.Abs(got.Spearman-c.Spearman) > 1e-12 || math.Abs(got.MSE-c.MSE) > 1e-12 || got.Pairs != len(c.Pairs) {
			t.Errorf("%s: %+v, want %v and %v", c.Name, got, c.Spearman, c.MSE)
		}
	}
}

// The order of pairs, of the two ids and of the rows does not matter; a repeated pair does, for it counts twice.
func TestScoreInvariance(t *testing.T) {
	c := scipyCases(t)[0]
	want, err := Score(&c.Set, c.Pairs)
	if err != nil {
		t.Fatal(err)
	}
	draw := rand.New(rand.NewPCG(1, 1))
	pairs := slices.Clone(c.Pairs)
	draw.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	for i := range pairs {
		pairs[i].A, pairs[i].B = pairs[i].B, pairs[i].A
	}
	turned := &embeddings.Set{Dim: c.Dim}
	for _, i := range draw.Perm(len(c.IDs)) {
		turned.IDs = append(turned.IDs, c.IDs[i])
		turned.Data = append(turned.Data, c.Row(i)...)
	}
	got, err := Score(turned, pairs)
	if err != nil || got.Spearman != want.Spearman || math.Abs(got.MSE-want.MSE) > 1e-14 {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	more, err := Score(&c.Set, append(pairs, pairs[7]))
	if err != nil || more.Pairs != want.Pairs+1 || more.Spearman == want.Spearman {
		t.Errorf("with a pair repeated: %+v, %v", more, err)
	}
}

func TestCosinesSelfPairsTie(t *testing.T) {
	for _, c := range scipyCases(t) {
		var pairs []corpus.Pair
		for _, id := range c.IDs {
			pairs = append(pairs, corpus.Pair{A: id, B: id})
		}
		cosines, err := Cosines(&c.Set, pairs)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range cosines {
			if v != 1 {
				t.Errorf("%s: id %d with itself: %v", c.Name, c.IDs[i], v)
			}
		}
	}
}

// At several widths, cosines are those of embeddings of the first columns alone, to the last bit.
func TestCosinesAtWidths(t *testing.T) {
	for _, c := range scipyCases(t) {
		rows, err := Locate(&c.Set, c.Pairs)
		if err != nil {
			t.Fatal(err)
		}
		widths := []int{c.Dim + 5, c.Dim, (c.Dim + 1) / 2, 1}
		got, err := rows.Cosines(&c.Set, widths...)
		if err != nil {
			t.Fatal(err)
		}
		for w, width := range widths {
			narrow := &embeddings.Set{IDs: c.IDs, Dim: min(width, c.Dim)}
			for i := range c.IDs {
				narrow.Data = append(narrow.Data, c.Row(i)[:narrow.Dim]...)
			}
			want, err := Cosines(narrow, c.Pairs)
			if err != nil || !slices.Equal(got[w], want) {
				t.Errorf("%s, width %d: %v, want %v, %v", c.Name, width, got[w], want, err)
			}
		}
	}
}

func TestScoreErrors(t *testing.T) {
	set := &embeddings.Set{IDs: []int64{1, 2, 3, 4}, Dim: 2, Data: []float32{1, 0, 0, 1, 0, 0, float32(math.NaN()), 1}}
	twice := &embeddings.Set{IDs: []int64{1, 1}, Dim: 1, Data: []float32{1, 2}}
	for _, c := range []struct {
		set   *embeddings.Set
		pairs []corpus.Pair
		want  string
	}{
		{set, nil, "evaluate: labels: 0 values, want at least 2"},
		{set, []corpus.Pair{{A: 1, B: 2, Score: 1}}, "evaluate: labels: 1 values, want at least 2"},
		{set, []corpus.Pair{{A: 1, B: 2, Score: 1}, {A: 1, B: 1, Score: 1}}, "evaluate: labels: constant, all 2 values are 1"},
		{set, []corpus.Pair{{A: 1, B: 2, Score: 1}, {A: 1, B: 1, Score: math.NaN()}}, "evaluate: labels: value 2 of 2 is NaN"},
		{set, []corpus.Pair{{A: 1, B: 2, Score: 1}, {A: 2, B: 1, Score: 0}}, "evaluate: cosines: constant, all 2 values are 0"},
		{set, []corpus.Pair{{A: 1, B: 2, Score: 1}, {A: 2, B: 9, Score: 0}}, "evaluate: pair 2: id 9 is not among the embeddings"},
		{set, []corpus.Pair{{A: 3, B: 2, Score: 1}, {A: 2, B: 1, Score: 0}}, "evaluate: pair 1: the embedding of id 3 has length 0"},
		{set, []corpus.Pair{{A: 1, B: 4, Score: 1}, {A: 2, B: 1, Score: 0}}, "evaluate: pair 1: the embedding of id 4 has length NaN"},
		{twice, []corpus.Pair{{A: 1, B: 1, Score: 1}, {A: 1, B: 1, Score: 0}},
			"evaluate: embeddings: id 1 appears twice, in rows 0 and 1"},
	} {
		if got, err := Score(c.set, c.pairs); err == nil || err.Error() != c.want {
			t.Errorf("%+v, %v\nwant %s", got, err, c.want)
		}
	}
}

// TestError: with pairs of distinct videos, the standard error is that of independent pairs; where all pairs share a video, it is
// larger or the same. The interval is within [-1,1].
func TestError(t *testing.T) {
	set := &embeddings.Set{Dim: 2}
	var apart, sharing []corpus.Pair
	for i := range 40 {
		angle := float64(i) / 20
		set.IDs = append(set.IDs, int64(2*i), int64(2*i+1))
		set.Data = append(set.Data, 1, 0, float32(math.Cos(angle)), float32(math.Sin(angle)))
		label := math.Round(10*(1-angle/2+.1*math.Sin(float64(7*i)))) / 10
		apart = append(apart, corpus.Pair{A: int64(2 * i), B: int64(2*i + 1), Score: label})
		sharing = append(sharing, corpus.Pair{A: 0, B: int64(2*i + 1), Score: label})
	}
	a, err := Score(set, apart)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Score(set, sharing)
	if err != nil {
		t.Fatal(err)
	}
	if a.Spearman != b.Spearman || !(a.Error > 0) || b.Error < a.Error {
		t.Errorf("errors %g and %g of %g and %g", a.Error, b.Error, a.Spearman, b.Spearman)
	}
	if low, high := a.Interval(.95); !(low < a.Spearman && a.Spearman < high && high <= 1) {
		t.Errorf("interval %g to %g of %g", low, high, a.Spearman)
	}
}

func TestCosine(t *testing.T) {
	if got := Cosine([]float32{3, 0}, []float32{1, 1}); math.Abs(got-math.Sqrt2/2) > 1e-15 {
		t.Errorf("the cosine of 45 degrees is %g", got)
	}
	if got := Cosine([]float32{0, 0}, []float32{1, 0}); !math.IsNaN(got) {
		t.Errorf("the cosine of zeros is %g", got)
	}
}
