// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace/looks"
)

// Baselines compares the losses of a finished pretraining with the loss of predicting by frequency: each tag as often as it occurs,
// each token as often as it occurs in the titles, each frame of the batch alike. It saves the rows under the model's name in a
// results file.
func Baselines(file, model string) ([]results.TaskLoss, error) { return looks.Baselines(file, model) }
