// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"slices"
	"sync"
	"testing"
)

// Steps that are asked for at the same time and in any order get the indices that they would get one after the other: those of
// their epoch's order, each once, without the last ones that fill no batch.
func TestEpochOrder(t *testing.T) {
	const n, size, seed, firstEpoch, epochs = 23, 5, 7, 3, 6
	var order EpochOrder
	got := make([][]int, epochs*(n/size))
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for step := g; step < len(got); step += 4 {
				got[step] = order.Indices(n, size, seed, firstEpoch, step)
			}
		})
	}
	wg.Wait()
	for step, indices := range got {
		epoch, at := step/(n/size), step%(n/size)*size
		for i, want := range Order(n, seed, firstEpoch+epoch)[at : at+size] {
			if indices[i] != int(want) {
				t.Fatalf("step %d: %v", step, indices)
			}
		}
	}
	if all := order.Indices(3, 5, seed, 0, 0); len(all) != 3 || !slices.Contains(all, 0) || !slices.Contains(all, 1) ||
		!slices.Contains(all, 2) {
		t.Errorf("a batch larger than the corpus is %v, want all of it", all)
	}
}
