// SPDX-License-Identifier: Apache-2.0

package looks

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"vsim/vsimlib/inspect"
	"vsim/vsimlib/inspect/predict"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// How many answers are listed.
const (
	fillIns = 3
	tags    = 5
)

// pretrained opens a model of the workspace as pretraining left it: finetuning does not train its heads.
func pretrained(backend compute.Backend, name string) (workspace.Workspace, *inspect.Source, *predict.Model, error) {
	w, s, err := Preset()
	if err != nil {
		return w, nil, nil, err
	}
	m, err := w.Model(name)
	if err != nil {
		return w, nil, nil, err
	}
	dir := m.Run(workspace.Pretrain).Model()
	if !jsonfile.Exists(dir) {
		return w, nil, nil, fmt.Errorf("no pretrained model %s; run the cell that pretrains it first", dir)
	}
	model, err := predict.Open(backend, dir, s)
	return w, s, model, err
}

// FillIn hides each token of videos of these titles in turn and lists what a pretrained model predicts there. It saves that under
// "filled" of a results file.
func FillIn(backend compute.Backend, file, model, part string, titles ...string) ([]results.Filled, error) {
	if len(titles) == 0 {
		return nil, errors.New("fill in: name at least one video by its title")
	}
	w, s, m, err := pretrained(backend, model)
	if err != nil {
		return nil, err
	}
	var list []results.Filled
	for _, title := range titles {
		video, err := s.Find(part, title)
		if err != nil {
			return nil, err
		}
		filled, err := m.FillIn(video, fillIns)
		if err != nil {
			return nil, err
		}
		filled.Part = part
		list = append(list, filled)
	}
	return Saved(w, file, "filled", list, nil)
}

// PickFrames hides frames of a batch of a part's videos and lists which frames a pretrained model picks for them. It saves that
// under "picked" of a results file.
func PickFrames(backend compute.Backend, file, model, part string) (results.Picked, error) {
	w, _, m, err := pretrained(backend, model)
	if err != nil {
		return results.Picked{}, err
	}
	videos, err := m.Batch(part)
	if err != nil {
		return results.Picked{}, err
	}
	picked, err := m.PickFrames(videos)
	picked.Part = part
	return Saved(w, file, "picked", picked, err)
}

// PredictTags lists the tags that a pretrained model predicts for the first video of a title, and saves them under "tags" of a
// results file.
func PredictTags(backend compute.Backend, file, model, part, title string) ([]results.TagGuess, error) {
	w, s, m, err := pretrained(backend, model)
	if err != nil {
		return nil, err
	}
	video, err := s.Find(part, title)
	if err != nil {
		return nil, err
	}
	list, err := m.Tags(video, tags)
	return Saved(w, file, "tags", list, err)
}
