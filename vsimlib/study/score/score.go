// SPDX-License-Identifier: Apache-2.0

// Package score scores what a study's tasks embedded: one model's embeddings, and those of several joined in all ways.
package score

import (
	"path/filepath"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/split"
	"vsim/vsimlib/study/task"
)

// Pairs are those on which a task's part is scored, in their order in the corpus: of pairwise, the held-out ones.
func Pairs(e *task.EmbedWork) ([]corpus.Pair, error) {
	pairs, err := corpus.ReadPairs(filepath.Join(e.Corpus, e.Part, competition.LabelFile))
	if err != nil || e.Part != competition.Pairwise {
		return pairs, err
	}
	split, err := split.Pairs(pairs, e.Split, e.Fold)
	return split.Val, err
}

// Embedded scores the embeddings that a task of kind Embed has written.
func Embedded(t *task.Task) (*evaluate.Result, error) {
	set, err := embeddings.Read(t.EmbeddingsFile())
	if err != nil {
		return nil, err
	}
	pairs, err := Pairs(t.Embed)
	if err != nil {
		return nil, err
	}
	s, err := evaluate.Score(set, pairs)
	return &s, err
}
