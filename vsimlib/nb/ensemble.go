// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
)

// Ensemble joins the embeddings of models, all with the same weight, into those of a model of that name, for every part of the
// corpus that all of them have embedded. The width is that of the scale's recipe.
func Ensemble(name string, members ...string) ([]results.Joined, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	return w.Join(name, members)
}
