// SPDX-License-Identifier: Apache-2.0

package study

import (
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
)

// Score is what a model's embeddings are worth.
type Score = evaluate.Result

// score compares the embeddings of the part with its labels.
func (e *EmbedWork) score(set *embeddings.Set) (*Score, error) {
	pairs, err := e.pairs()
	if err != nil {
		return nil, err
	}
	s, err := evaluate.Score(set, pairs)
	return &s, err
}
