// SPDX-License-Identifier: Apache-2.0

package evaluate_test

import (
	"fmt"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
)

func ExampleScore() {
	set := &embeddings.Set{IDs: []int64{1, 2, 3}, Dim: 2, Data: []float32{1, 0, 0.6, 0.8, 0, 1}}
	pairs := []corpus.Pair{{A: 1, B: 2, Score: 0.3}, {A: 2, B: 3, Score: 0.9}, {A: 1, B: 3, Score: 0}}
	result, err := evaluate.Score(set, pairs)
	fmt.Printf("Spearman %.2f, MSE %.4f, %d pairs, %v\n", result.Spearman, result.MSE, result.Pairs, err)
	// Output: Spearman 1.00, MSE 0.0167, 3 pairs, <nil>
}
