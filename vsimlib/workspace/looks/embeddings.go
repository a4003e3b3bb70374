// SPDX-License-Identifier: Apache-2.0

package looks

import (
	"fmt"

	"vsim/vsimlib/pca"
	"vsim/vsimlib/plots/sheet"
	"vsim/vsimlib/results"
)

// Map is a map of a model's embeddings of a part, by their first two principal components.
func Map(model, part string) (sheet.Sheet, error) {
	w, s, err := Preset()
	if err != nil {
		return sheet.Sheet{}, err
	}
	set, err := w.Embeddings(model, part)
	if err != nil {
		return sheet.Sheet{}, err
	}
	videos, err := s.Corpus.Part(part)
	if err != nil {
		return sheet.Sheet{}, err
	}
	m, err := pca.Of(set, 2)
	if err != nil {
		return sheet.Sheet{}, fmt.Errorf("%s of %s: %w", part, model, err)
	}
	var points []results.MapPoint
	for i, id := range set.IDs {
		at, ok := videos.Find(id)
		if !ok {
			return sheet.Sheet{}, fmt.Errorf("%s has no video %d; run the cell that embeds again", part, id)
		}
		v, err := videos.Video(at)
		if err != nil {
			return sheet.Sheet{}, err
		}
		points = append(points, results.MapPoint{ID: id, Title: v.Title, English: s.Names[id], X: m.Points[i][0], Y: m.Points[i][1]})
	}
	return sheet.Map(points, [2]float64(m.Shares), model, part, w.Corpus), nil
}
