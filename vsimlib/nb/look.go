// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/corpus/gloss"
	"vsim/vsimlib/inspect"
	"vsim/vsimlib/plots/sheet"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace/looks"
)

// Record shows one video of a part, found by its title: its thumbnail, and the input that the model gets of it.
func Record(part, title string) (View, error) {
	w, s, err := looks.Preset()
	if err != nil {
		return nil, err
	}
	video, err := s.Video(part, title)
	if err != nil {
		return nil, err
	}
	var view View
	if thumbs, err := sheet.OpenThumbs(w.Corpus); err == nil { // a corpus need not have any
		if png, ok := thumbs.PNG(video.ID); ok {
			view = append(view, pictureView{png, "The clip's picture: " + gloss.Beside(video.Title, video.Name) + ".", "thumbnail"})
		}
	}
	table, err := Table(video)
	return append(view, table...), err
}

// Dissect follows the first video of a title from the bytes of its file to its row of a batch, and saves what it found under
// "record" of a results file.
func Dissect(file, part, title string) (results.Record, error) {
	return looks.Dissect(file, part, title)
}

// Sequence is a table of a record's positions, with the padding at their end in one row.
func Sequence(r results.Record) (View, error) {
	return View{tableView{report.Sequence(r.Positions)}}, nil
}

// Minibatch describes the batch of the first step of a pretraining with r, and saves it under "minibatch" of a results file.
func Minibatch(file string, r recipe.Recipe) (results.Minibatch, error) {
	return looks.Minibatch(file, r)
}

// Masking counts what the first epochs of a pretraining with r hide, and saves the shares under "masking" of a results file.
func Masking(file string, r recipe.Recipe, epochs int) ([]results.MaskShare, error) {
	return looks.Masking(file, r, epochs)
}

// Parameters counts what r's model learns, by part, next to the model of the paper on the competition's data, and saves the rows
// under "parameters" of a results file.
func Parameters(file string, r recipe.Recipe) ([]results.PartSize, error) {
	return looks.Parameters(file, r)
}

// Shapes lists the values in a batch's pass through r's model, for a number of chosen words and of zeroed frames.
func Shapes(r recipe.Recipe, words, frames int) ([]inspect.Shape, error) {
	_, s, err := looks.Open(r)
	if err != nil {
		return nil, err
	}
	d, err := openDevice()
	if err != nil {
		return nil, err
	}
	return inspect.Shapes(d.Backend, s.Recipe.Model, s.Recipe.Pretrain.Batch, words, frames)
}

// Attend lists where a finetuned model attends in the first video of a title, layer by layer, and saves the attention under
// "attention" of a results file.
func Attend(file, model, part, title string) ([]results.Block, error) {
	attention, err := onDeviceFor("attention of "+model, func(d opened) (results.Attention, error) {
		return looks.Attend(d.Backend, file, model, part, title)
	})
	return attention.Blocks, err
}
