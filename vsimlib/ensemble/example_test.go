// SPDX-License-Identifier: Apache-2.0

package ensemble_test

import (
	"fmt"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/ensemble"
)

// Two models' embeddings of the same two videos: the dot product in the ensemble is the mean of the cosines, here 0.6 and 0.
func ExampleCombine() {
	first := &embeddings.Set{IDs: []int64{1, 2}, Dim: 2, Data: []float32{1, 0, 0.6, 0.8}}
	second := &embeddings.Set{IDs: []int64{2, 1}, Dim: 3, Data: []float32{0, 5, 0, 0, 0, 2}}
	joined, info, err := ensemble.Combine([]*embeddings.Set{first, second}, nil, 256)
	if err != nil {
		fmt.Println(err)
		return
	}
	var dot float32
	for i, x := range joined.Row(0) {
		dot += x * joined.Row(1)[i]
	}
	fmt.Printf("%.2f of %d models, ids %v\n", dot, info.Models, joined.IDs)
	// Output: 0.30 of 2 models, ids [1 2]
}
