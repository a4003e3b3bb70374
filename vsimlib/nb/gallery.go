// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"context"
	"errors"

	"vsim/vsimlib/plots/sheet"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
	"vsim/vsimlib/workspace/looks"
)

// Sizes of the sheets.
const (
	neighbours = 6 // of each video of a gallery
	disputed   = 5 // pairs of each side of a dispute
)

// Gallery shows, for the videos of some titles of a part, their nearest neighbours in a model's embeddings: a figure of thumbnails
// with their cosines and, below it, a table of the titles in the same order.
func Gallery(figure, model, part string, titles ...string) (View, error) {
	if len(titles) == 0 {
		return nil, errors.New("gallery: name at least one video by its title")
	}
	w, s, err := looks.Preset()
	if err != nil {
		return nil, err
	}
	set, err := w.Embeddings(model, part)
	if err != nil {
		return nil, err
	}
	list, err := s.Neighbours(set, part, neighbours, titles)
	if err != nil {
		return nil, err
	}
	view, err := Figure(figure, sheet.Gallery(list, model, part, w.Corpus))
	return append(view, tableView{sheet.Titles(list)}), err
}

// Disagree embeds a part's videos three times with a finetuned model, whole, without frames and without titles, and shows the
// labelled pairs whose ranks by title and by frames are farthest apart: row A has those similar by title, row B those similar by
// frames. It saves the comparison under "dispute" of a results file.
func Disagree(file, figure, model, part string) (View, error) {
	w, s, err := looks.Preset()
	if err != nil {
		return nil, err
	}
	m, err := w.Model(model)
	if err != nil {
		return nil, err
	}
	var d results.Dispute
	err = onDevice("title and frames of "+part, func(ctx context.Context, on opened) (err error) {
		d, err = s.Dispute(ctx, on.Backend, m.Run(workspace.Finetune).Model(), m.Dir, part, disputed)
		return err
	})
	if d, err = looks.Saved(w, file, "dispute", d, err); err != nil {
		return nil, err
	}
	view, err := Figure(figure, sheet.Dispute(d, model, w.Corpus))
	return append(view, tableView{sheet.Pairs(d.Shown)}), err
}

// EmbeddingMap shows the thumbnails of a part's videos where their embeddings are along the first two principal components.
func EmbeddingMap(figure, model, part string) (View, error) {
	sheet, err := looks.Map(model, part)
	if err != nil {
		return nil, err
	}
	return Figure(figure, sheet)
}
