// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"fmt"
	"math"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study/studytest"
)

// TestEnsembleStudy: of the smallest members, a subset of one scores as its cell does, a wide SVD as the concatenation, and the
// means by size are those of the subsets. Weights are fitted where there are other pairs than those that are scored.
func TestEnsembleStudy(t *testing.T) {
	if testing.Short() {
		t.Skip("dozens of trainings")
	}
	studytest.OnGo(t)
	for part, corpus := range map[string]string{competition.TestA: studytest.SmallCorpus(t),
		"held-out pairs of pairwise": studytest.HeldOutCorpus(t)} {
		t.Run(part, func(t *testing.T) {
			table, err := newLedger().local(context.Background(), plan(t, small(t, "ensemble", corpus, t.TempDir())), 2, nil)
			if err != nil {
				t.Fatal(err)
			}
			if table.Scored.Part != part {
				t.Errorf("scored on %s", table.Scored.Part)
			}
			checkEnsembles(t, table, part == competition.TestA)
		})
	}
}

func checkEnsembles(t *testing.T, table *results.Table, fitted bool) {
	e := table.Ensembles
	if table.FailedCells() != 0 || len(e.Subsets) != 63 || len(e.Sizes) != 6 || len(e.Joined) != 2+len(e.Dims) {
		t.Fatalf("%d failed, %+v", table.FailedCells(), e)
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 2e-6 { // of values rounded to six digits
			t.Errorf("%s: %g, want %g", what, got, want)
		}
	}
	sums := map[int]float64{}
	for _, s := range e.Subsets {
		for i, score := range s.Scores {
			if len(s.Members) == 1 {
				near("a member alone", score.Concat, *table.Cells[s.Members[0]-1].Scores[i])
			}
			if 6*len(s.Members) <= e.Dims[0] {
				near("a wide SVD", score.SVD[0], score.Concat)
			}
			if (score.Fitted != nil) != fitted || fitted && len(score.Weights) != len(s.Members) {
				t.Errorf("fitted weights %v score %v", score.Weights, score.Fitted)
			}
			sums[len(s.Members)] += score.Concat / float64(len(table.Seeds))
		}
	}
	for _, s := range e.Sizes {
		near(fmt.Sprintf("mean of size %d", s.Size), s.Spearman.Mean, sums[s.Size]/float64(s.Subsets))
	}
	near("all members", e.Joined[0].Spearman.Mean, e.Sizes[len(e.Sizes)-1].Spearman.Mean)
	if last := e.Joined[len(e.Joined)-1]; (last.Spearman != nil) != fitted {
		t.Errorf("row of fitted weights: %+v", last)
	}
}
