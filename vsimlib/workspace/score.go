// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/results"
)

// Evaluate scores models, and ensembles of them, on the pairs that finetuning held out and on test_a, and writes the scores and how
// the models were made to a results file.
func (w Workspace) Evaluate(file string, names []string) ([]results.Score, error) {
	evaluation, settings, err := w.Describe(names)
	if err != nil {
		return nil, err
	}
	c, err := corpus.Open(w.Corpus)
	if err != nil {
		return nil, err
	}
	held, err := evaluate.HeldOut(c, settings)
	if err != nil {
		return nil, err
	}
	test, err := evaluate.Unseen(c)
	if err != nil {
		return nil, err
	}
	if evaluation.Scores, err = evaluate.Scores(names, w.Embeddings, held, test); err != nil {
		return nil, err
	}
	return evaluation.Scores, w.WriteResults(file, evaluation)
}
