// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"math"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/results"
)

// TestDispute takes four pairs of which title and frames agree on two.
func TestDispute(t *testing.T) {
	pairs := []corpus.Pair{{A: 1, B: 2, Score: 1}, {A: 3, B: 4, Score: 0}, {A: 5, B: 6, Score: 0.5}, {A: 1, B: 7, Score: 0.25}}
	cosines := Modalities{[]float64{0.9, 0.1, 0.5, 0.2}, []float64{0.9, 0.1, 0.5, 0.6}, []float64{-0.3, 0.8, 0.5, 0.6}}
	d, err := Dispute(pairs, cosines, 5)
	if err != nil {
		t.Fatal(err)
	}
	// Ranks by title 3 0 1 2, by frames 0 3 1 2, of three: the first pair is 1 above, the second 1 below, the others agree.
	if d.Both != 1 || d.TitleAlike != (results.Side{Pairs: 1, MeanLabel: 1}) || d.FramesAlike != (results.Side{Pairs: 1}) ||
		d.Pairs != 4 || math.Abs(d.Frames+1) > 0.3 {
		t.Errorf("%+v", d)
	}
	var order []string
	for _, p := range d.Shown {
		order = append(order, p.Pair)
	}
	// The pair 1, 7 shares a video with 1, 2, so row A leaves it out; row B begins with 3, 4.
	if got := strings.Join(order, " "); got != "A1 A2 A3 B1 B2 B3" || d.Shown[0].IDs != [2]int64{1, 2} ||
		d.Shown[3].IDs != [2]int64{3, 4} || d.Shown[0].Title != 0.9 {
		t.Errorf("%s: %+v", got, d.Shown)
	}
	if few, err := Dispute(pairs, cosines, 1); err != nil || len(few.Shown) != 2 {
		t.Errorf("one of each side: %+v, %v", few.Shown, err)
	}
	if _, err := Dispute(pairs, Modalities{[]float64{1, 1, 1, 1}, []float64{1, 2, 3, 4}, []float64{1, 2, 3, 4}}, 5); err == nil {
		t.Error("cosines that are all the same have an order")
	}
}
