// SPDX-License-Identifier: Apache-2.0

package looks

import (
	"github.com/gomlx/compute"

	"vsim/vsimlib/inspect"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// Attend runs a finetuned model on the first video of a title, and saves its attention under "attention" of a results file.
func Attend(backend compute.Backend, file, model, part, title string) (results.Attention, error) {
	w, s, err := Preset()
	if err != nil {
		return results.Attention{}, err
	}
	m, err := w.Model(model)
	if err != nil {
		return results.Attention{}, err
	}
	video, err := s.Find(part, title)
	if err != nil {
		return results.Attention{}, err
	}
	attention, err := inspect.Attend(backend, m.Run(workspace.Finetune).Model(), video)
	return Saved(w, file, "attention", attention, err)
}
