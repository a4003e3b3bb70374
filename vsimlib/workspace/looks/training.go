// SPDX-License-Identifier: Apache-2.0

package looks

import (
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run/outcome"
	"vsim/vsimlib/workspace"
)

// Dissect follows the first video of a title from the bytes of its file to its row of a batch, and saves what it found under
// "record" of a results file.
func Dissect(file, part, title string) (results.Record, error) {
	w, s, err := Preset()
	if err != nil {
		return results.Record{}, err
	}
	records, err := w.Records(part)
	if err != nil {
		return results.Record{}, err
	}
	record, err := s.Record(records, title)
	return Saved(w, file, "record", record, err)
}

// Minibatch describes the batch of the first step of a pretraining with r, and saves it under "minibatch" of a results file.
func Minibatch(file string, r recipe.Recipe) (results.Minibatch, error) {
	w, s, err := Open(r)
	if err != nil {
		return results.Minibatch{}, err
	}
	batch, err := s.Minibatch()
	return Saved(w, file, "minibatch", batch, err)
}

// Masking counts what the first epochs of a pretraining with r hide, and saves the shares under "masking" of a results file.
func Masking(file string, r recipe.Recipe, epochs int) ([]results.MaskShare, error) {
	w, s, err := Open(r)
	if err != nil {
		return nil, err
	}
	shares, err := s.Masking(epochs)
	return Saved(w, file, "masking", shares, err)
}

// Parameters counts what r's model learns, by part, next to the model of the paper on the competition's data, and saves the rows
// under "parameters" of a results file.
func Parameters(file string, r recipe.Recipe) ([]results.PartSize, error) {
	w, s, err := Open(r)
	if err != nil {
		return nil, err
	}
	sizes, err := s.Parameters()
	return Saved(w, file, "parameters", sizes, err)
}

// Baselines compares the losses of a finished pretraining with the loss of predicting by frequency, and saves the rows under the
// model's name in a results file.
func Baselines(file, model string) ([]results.TaskLoss, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	m, err := w.Model(model)
	if err != nil {
		return nil, err
	}
	var result outcome.Pretrain
	r, err := m.Finished(workspace.Pretrain, &result)
	if err != nil {
		return nil, err
	}
	s, err := inspect.Open(w.Corpus, r)
	if err != nil {
		return nil, err
	}
	list, err := s.Baselines(m.Run(workspace.Pretrain), result)
	return Saved(w, file, model, list, err)
}
