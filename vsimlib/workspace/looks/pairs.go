// SPDX-License-Identifier: Apache-2.0

package looks

import (
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run/outcome"
	"vsim/vsimlib/workspace"
)

// LabelLevels lists the values of pairwise's labels and what rank-normalising (E5) makes of each, and saves them under "labels"
// of a results file.
func LabelLevels(file string) ([]results.LabelLevel, error) {
	w, pairs, err := workspace.OpenPairs(competition.Pairwise)
	if err != nil {
		return nil, err
	}
	levels, err := inspect.LabelLevels(pairs)
	return Saved(w, file, "labels", levels, err)
}

// Splits divides pairwise by every rule, and saves the rows under "splits" of a results file.
func Splits(file string) ([]results.SplitSize, error) {
	w, pairs, err := workspace.OpenPairs(competition.Pairwise)
	if err != nil {
		return nil, err
	}
	return Saved(w, file, "splits", inspect.SplitSizes(pairs), nil)
}

// Leaks compares what finetuned models score on the pairs that they held out with what they score on test_a, and saves the rows
// under "leaks" of a results file.
func Leaks(file string, models ...string) ([]results.Leak, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	c, err := corpus.Open(w.Corpus)
	if err != nil {
		return nil, err
	}
	test, err := evaluate.Unseen(c)
	if err != nil {
		return nil, err
	}
	var list []results.Leak
	for _, model := range models {
		leak, err := leakOf(w, model, test)
		if err != nil {
			return nil, err
		}
		list = append(list, leak)
	}
	return Saved(w, file, "leaks", list, nil)
}

// leakOf is the row of one model.
func leakOf(w workspace.Workspace, model string, test evaluate.Split) (results.Leak, error) {
	m, err := w.Model(model)
	if err != nil {
		return results.Leak{}, err
	}
	var r outcome.Finetune
	if _, err := m.Finished(workspace.Finetune, &r); err != nil {
		return results.Leak{}, err
	}
	set, err := m.ReadEmbeddings(test.Part)
	if err != nil {
		return results.Leak{}, err
	}
	return inspect.LeakOf(model, r, set, test)
}
