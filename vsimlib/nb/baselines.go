// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/results"
	"vsim/vsimlib/trainer"
	"vsim/vsimlib/workspace"
)

// Baselines compares the losses of a finished pretraining with the loss of predicting by frequency: each tag as often as it occurs,
// each token as often as it occurs in the titles, each frame of the batch alike. It saves the rows under the model's name in a
// results file.
func Baselines(file, model string) ([]results.TaskLoss, error) {
	m, err := modelOf(model)
	if err != nil {
		return nil, err
	}
	var result trainer.PretrainResult
	r, err := m.Finished(workspace.Pretrain, &result)
	if err != nil {
		return nil, err
	}
	w, s, err := openCorpus(r)
	if err != nil {
		return nil, err
	}
	list, err := s.Baselines(m.Run(workspace.Pretrain), result)
	return saved(w, file, model, list, err)
}
