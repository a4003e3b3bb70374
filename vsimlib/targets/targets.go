// SPDX-License-Identifier: Apache-2.0

// Package targets has what finetuning trains cosines of pairs towards: labels, and the cosines of a teacher.
package targets

import (
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/recipe"
)

// Of maps each score to its rank-normalised label (E5), ranked over all pairs as in the competition, or, where the recipe takes the
// labels raw, to itself.
func Of(pairs []corpus.Pair, kind string) (map[float64]float64, error) {
	labels := Scores(pairs)
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

// Scores are the scores of pairs, as in label.tsv.
func Scores(pairs []corpus.Pair) []float64 {
	out := make([]float64, len(pairs))
	for i, p := range pairs {
		out[i] = p.Score
	}
	return out
}
