// SPDX-License-Identifier: Apache-2.0

// Package targets has what finetuning trains cosines of pairs towards: labels, and the cosines of a teacher.
package targets

import (
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/recipe"
)

// Of maps each score to its rank-normalised label (E5), ranked over all pairs as in the competition, or, where the recipe takes the
// labels raw, to itself.
func Of(pairs []corpus.Pair, kind string) (map[float64]float64, error) {
	labels := schema.Scores(pairs)
	normal, err := rank.Normalize(labels)
	if err != nil {
		return nil, err
	}
	target := map[float64]float64{}
	for i, score := range labels {
		if kind == recipe.LabelsRaw {
			target[score] = score
			continue
		}
		target[score] = normal[i] // equal scores have equal average ranks
	}
	return target, nil
}
