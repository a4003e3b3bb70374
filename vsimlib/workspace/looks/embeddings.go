// SPDX-License-Identifier: Apache-2.0

package looks

import (
	"fmt"

	"vsim/vsimlib/plots/sheet"
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
	points, shares, err := s.Map(set, part)
	if err != nil {
		return sheet.Sheet{}, fmt.Errorf("%s of %s: %w", part, model, err)
	}
	return sheet.Map(points, shares, model, part, w.Corpus), nil
}
