// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"math"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
)

// TestCompare: the numbers of numpy 2.4 and scipy 1.17, with influences by differences of ρ and a sum over all pairs of pairs that
// share a video.
func TestCompare(t *testing.T) {
	first := &embeddings.Set{IDs: []int64{11, 12, 13, 14, 15}, Dim: 3, Data: []float32{1, 0, 2, 0, 1, 1, -1, 2, 0, 3, 1, 1, .5, -1, 2}}
	second := &embeddings.Set{IDs: []int64{13, 11, 15, 12, 14}, Dim: 2, Data: []float32{1, -1, 2, 1, -2, 1, 0, 1, 1, 1}}
	pairs := []corpus.Pair{{A: 11, B: 12, Score: .5}, {A: 11, B: 13}, {A: 12, B: 14, Score: .35}, {A: 14, B: 11, Score: .8},
		{A: 15, B: 11, Score: .8}, {A: 11, B: 15, Score: 1}, {A: 13, B: 15}, {A: 12, B: 13, Score: .65}}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) < 1e-8) {
			t.Errorf("%s is %.12g, want %.12g", what, got, want)
		}
	}
	c, err := Compare(first, second, pairs)
	if err != nil {
		t.Fatal(err)
	}
	near("difference", c.Difference, 0.854358565100143)
	near("error", c.Error, 0.3845595521608)
	near("low", c.Low, 0.10063569295412)
	near("high", c.High, 1.60808143724617)
	near("p", c.P, 0.02630664512613)
	back, err := Compare(second, first, pairs)
	if err != nil {
		t.Fatal(err)
	}
	near("the other way round", back.Difference, -c.Difference)
	near("its error", back.Error, c.Error)
	if same, err := Compare(first, first, pairs); err != nil || same != (Comparison{P: 1}) {
		t.Errorf("of the same set: %+v, %v", same, err)
	}
	second.IDs[0] = 99
	if _, err := Compare(first, second, pairs); err == nil || !strings.Contains(err.Error(), "id 13 is not among the embeddings") {
		t.Error(err)
	}
	if _, err := Compare(first, first, pairs[:1]); err == nil || !strings.Contains(err.Error(), "labels") {
		t.Error(err)
	}
}
