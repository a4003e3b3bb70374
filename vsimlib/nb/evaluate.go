// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// Evaluate scores models, and ensembles of them, on two splits, and writes the scores and how the models were made to a results
// file:
//
//   - the pairs that finetuning held out of pairwise. Its leaked pairs have a video that is also in a pair that the model, or any
//     member of the ensemble, was trained on.
//   - test_a. Its leaked pairs have a video of pointwise or pairwise; data/emoji has none.
func Evaluate(file string, names ...string) ([]results.Score, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	return w.Evaluate(file, names)
}
