// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"math"
	"testing"

	"vsim/vsimlib/embeddings"
)

func TestNearest(t *testing.T) {
	// Angles 0°, 90°, 45°, −45° and twice 180°: cosines to the first by hand.
	set := &embeddings.Set{IDs: []int64{7, 3, 9, 5, 2, 1}, Dim: 2, Data: []float32{2, 0, 0, 1, 3, 3, 3, -3, -1, 0, -4, 0}}
	list, err := Nearest(set, 7, 9)
	if err != nil || len(list) != 5 {
		t.Fatalf("%v, %v", list, err)
	}
	for i, want := range []Neighbour{{5, math.Sqrt2 / 2}, {9, math.Sqrt2 / 2}, {3, 0}, {1, -1}, {2, -1}} { // equal ones by id
		if list[i].ID != want.ID || math.Abs(list[i].Cosine-want.Cosine) > 1e-12 {
			t.Errorf("neighbour %d: %+v, want %+v", i+1, list[i], want)
		}
	}
	if list, err := Nearest(set, 7, 2); err != nil || len(list) != 2 || list[1].ID != 9 {
		t.Errorf("two of five: %v, %v", list, err)
	}
	if _, err := Nearest(set, 8, 2); err == nil {
		t.Error("an id that the embeddings lack")
	}
	if got := Cosine([]float32{0, 0}, []float32{1, 0}); !math.IsNaN(got) {
		t.Errorf("the cosine of zeros is %g", got)
	}
}
