// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"math"

	"vsim/vsimlib/confidence"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/rank"
)

// Comparison is what one set of embeddings scores more than another on the same pairs.
type Comparison struct {
	Difference float64 `json:"difference"` // of the correlations
	Error      float64 `json:"difference_error"`
	Low        float64 `json:"difference_low"` // of the 95% interval
	High       float64 `json:"difference_high"`
	P          float64 `json:"p"` // two-sided, of no difference
}

// Compare subtracts the correlation of other on labelled pairs from that of set. The pairs are the same for both, so the error of
// the difference is smaller than those of the scores: a pair's influence on it is the difference of its two influences (package
// confidence). The models are taken as they are: another seed of training gives others.
func Compare(set, other *embeddings.Set, pairs []corpus.Pair) (Comparison, error) {
	labels := schema.Scores(pairs)
	if err := rank.Check(labels); err != nil {
		return Comparison{}, fmt.Errorf("evaluate: labels: %w", err)
	}
	difference, influence := 0., make([]float64, len(pairs))
	for i, s := range []*embeddings.Set{set, other} {
		sign := float64(1 - 2*i)
		cosines, err := Cosines(s, pairs)
		if err != nil {
			return Comparison{}, err
		}
		if err := rank.Check(cosines); err != nil {
			return Comparison{}, fmt.Errorf("evaluate: cosines: %w", err)
		}
		rho, err := rank.Spearman(cosines, labels)
		if err != nil {
			return Comparison{}, fmt.Errorf("evaluate: %w", err)
		}
		psi, err := rank.Influence(cosines, labels)
		if err != nil {
			return Comparison{}, fmt.Errorf("evaluate: %w", err)
		}
		difference += sign * rho
		for k, v := range psi {
			influence[k] += sign * v
		}
	}
	variance := confidence.NewPairs(schema.Ends(pairs)).Variance(influence)
	m := confidence.Mean{Value: difference, Seeds: 1, Pairs: variance}
	half := m.Half(0.95)
	return Comparison{difference, math.Sqrt(variance), difference - half, difference + half, m.P()}, nil
}
