// SPDX-License-Identifier: Apache-2.0

package neighbours_test

import (
	"context"
	"fmt"

	"github.com/janpfeifer/must"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/neighbours"
)

// The nearest two of one video, and the pairs that are nearly the same. embeddings.Read reads a set from a file.
func Example() {
	ctx := context.Background()
	set := &embeddings.Set{IDs: []int64{7, 8, 9, 10}, Dim: 2, Data: []float32{1, 0, 0.6, 0.8, 0, 1, 0.8, 0.6}}
	index := must.M1(neighbours.New(set))
	for query, err := range index.Nearest(ctx, 2, 8) {
		must.M(err)
		for _, n := range query.Nearest {
			fmt.Printf("%d is near %d, cosine %.2f\n", n.ID, query.ID, n.Cosine)
		}
	}
	for pair, err := range index.Duplicates(ctx, 0.9) {
		must.M(err)
		fmt.Printf("%d and %d, cosine %.2f\n", pair.A, pair.B, pair.Cosine)
	}
	// Output:
	// 10 is near 8, cosine 0.96
	// 9 is near 8, cosine 0.80
	// 8 and 10, cosine 0.96
}
