// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/run"
	"vsim/vsimlib/workspace"
)

// The functions of this file name files for a cell to draw from. Like Must they end the cell on an error, so that their value can
// be an argument; no other function of the package calls them.

// Run is the run directory of a model's stage, "pretrain" or "finetune".
func Run(model, stage string) run.Dir { return Must(modelOf(model)).Run(stage) }

// Embeddings is the file of a model's embeddings of a part of the corpus.
func Embeddings(model, part string) string { return Must(modelOf(model)).Embeddings(part) }

// Labels is the label file of a part of the corpus.
func Labels(part string) string { return Must(workspace.Open()).Labels(part) }

// Results is the file of small results of that name.
func Results(name string) string { return Must(workspace.Open()).ResultsFile(name) }

// modelOf is the model of that name in the workspace.
func modelOf(name string) (workspace.Model, error) {
	w, err := workspace.Open()
	if err != nil {
		return workspace.Model{}, err
	}
	return w.Model(name)
}
