// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/plots/picked"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace/looks"
)

// FillIn hides each token of a part's videos of these titles in turn, and shows what a pretrained model predicts there: the three
// most probable tokens next to the truth. It saves them under "filled" of a results file.
func FillIn(file, model, part string, titles ...string) (View, error) {
	list, err := onDeviceFor("masked tokens of "+model, func(d opened) ([]results.Filled, error) {
		return looks.FillIn(d.Backend, file, model, part, titles...)
	})
	return View{tableView{report.FilledTable(list)}}, err
}

// PickFrames hides frames of a batch of a part's videos as pretraining does, and shows which of all frames of the batch a
// pretrained model picks for them: as a figure, a row a hidden frame, and in numbers. It saves them under "picked" of a results
// file.
func PickFrames(file, figure, model, part string) (View, error) {
	p, err := onDeviceFor("masked frames of "+model, func(d opened) (results.Picked, error) {
		return looks.PickFrames(d.Backend, file, model, part)
	})
	if err != nil {
		return nil, err
	}
	view, err := Figure(figure, picked.Figure(p))
	return append(view, tableView{report.PickedTable(p.Summary)}), err
}

// PredictTags shows the five tags that a pretrained model finds most probable for the first video of a title, then the video's own
// that are not among them. It saves them under "tags" of a results file.
func PredictTags(file, model, part, title string) (View, error) {
	list, err := onDeviceFor("tags of "+model, func(d opened) ([]results.TagGuess, error) {
		return looks.PredictTags(d.Backend, file, model, part, title)
	})
	return View{tableView{report.TagTable(list)}}, err
}
