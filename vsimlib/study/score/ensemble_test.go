// SPDX-License-Identifier: Apache-2.0

package score

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/ensemble"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/study/task"
)

// TestSubsetsEqualCombine: in every subset, pairs have the cosines of the joint embeddings that Combine computes in float64, and
// the scores are those of the cosines. (Two of 700 pairs with cosines that differ by 1e-8 can change a score by 1e-5.)
func TestSubsetsEqualCombine(t *testing.T) {
	m := generated(t, 4, 500, 24, 700)
	e := &task.EnsembleWork{Members: []int{1, 3, 4, 6}, Dims: []int{40, 24, 7}}
	var shares []float64
	list, err := subsets(context.Background(), e, m, m, func(share float64) { shares = append(shares, share) })
	if err != nil {
		t.Fatal(err)
	}
	if len(shares) != 15 || !slices.IsSorted(shares) || shares[14] != 1 {
		t.Errorf("reported %v", shares)
	}
	same := func(what string, got float64, cosines []float64) {
		if want, err := rank.Spearman(cosines, m.Labels); err != nil || got != want {
			t.Errorf("%s: %v, want %v, %v", what, got, want, err)
		}
	}
	joiner, err := m.Joiner()
	if err != nil {
		t.Fatal(err)
	}
	for i, members := range Subsets(4) {
		s := list[i]
		if !slices.Equal(s.Members, Pick(e.Members, members)) {
			t.Fatalf("subset %d is of %v", i, s.Members)
		}
		var sets []*embeddings.Set
		for _, k := range members {
			sets = append(sets, m.sets[k])
		}
		same(fmt.Sprint(s.Members), s.Concat, Mix(m.Of(members), nil))
		same(fmt.Sprint(s.Members, " fitted"), *s.Fitted, Mix(m.Of(members), s.Weights))
		cosines, _, err := joiner.SVD(members, e.Dims, nil)
		if err != nil {
			t.Fatal(err)
		}
		for w, width := range e.Dims {
			same(fmt.Sprint(s.Members, " to ", width), s.SVD[w], cosines[w])
			joined, _, err := ensemble.Combine(sets, nil, width)
			if err != nil {
				t.Fatal(err)
			}
			want, err := evaluate.Cosines(joined, m.pairs)
			if err != nil {
				t.Fatal(err)
			}
			for p, c := range cosines[w] {
				if math.Abs(c-want[p]) > 1e-6 {
					t.Fatalf("%v to %d, pair %d: cosine %v, want %v", s.Members, width, p, c, want[p])
				}
			}
		}
	}
}

// TestSubsetsStop: a subset that cannot be joined is an error, and a stop ends the work.
func TestSubsetsStop(t *testing.T) {
	m := generated(t, 2, 50, 8, 60)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e := &task.EnsembleWork{Members: []int{2, 5}, Dims: []int{8}}
	if _, err := subsets(ctx, e, m, nil, func(float64) {}); err != context.Canceled {
		t.Error(err)
	}
	e.Dims = []int{0}
	_, err := subsets(context.Background(), e, m, nil, func(float64) {})
	if err == nil || err.Error() != "study: ensemble of [2 5]: ensemble: dim 0, want at least 1" {
		t.Error(err)
	}
	clear(m.sets[1].Row(3))
	_, err = subsets(context.Background(), e, m, nil, func(float64) {})
	if err == nil || err.Error() != "study: ensemble: model 2 of 2: the embedding of id 1003 has length 0" {
		t.Error(err)
	}
}
