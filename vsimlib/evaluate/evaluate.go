// SPDX-License-Identifier: Apache-2.0

// Package evaluate scores embeddings against labelled pairs, as the competition's server did: Spearman's correlation of
// cosine and label. A score is worth nothing without the rule that held its pairs out; callers state it too.
package evaluate

import (
	"fmt"

	"vsim/vsimlib/confidence"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/rank"
)

// Result is the score of one set of embeddings on one label file.
type Result struct {
	Spearman float64 `json:"spearman"` // of cosine against label, average ranks
	MSE      float64 `json:"mse"`      // of cosine against the label rank-normalised over these pairs
	Pairs    int     `json:"pairs"`

	// Error is the standard error of Spearman. Pairs that share a video are not taken as independent (package confidence).
	Error float64 `json:"spearman_error"`
}

// Interval contains the correlation on all such pairs with the probability level, for the model as it is: another seed of training
// is another model.
func (r Result) Interval(level float64) (low, high float64) {
	half := confidence.Mean{Value: r.Spearman, Seeds: 1, Pairs: r.Error * r.Error}.Half(level)
	return max(-1, r.Spearman-half), min(1, r.Spearman+half)
}

// Score compares the cosine of every pair with its label. Repeated, reversed and self pairs count as is. A side
// that is constant, an id without an embedding and an embedding without a direction are errors, never a number.
func Score(set *embeddings.Set, pairs []corpus.Pair) (Result, error) {
	labels := schema.Scores(pairs)
	if err := rank.Check(labels); err != nil {
		return Result{}, fmt.Errorf("evaluate: labels: %w", err)
	}
	cosines, err := Cosines(set, pairs)
	if err != nil {
		return Result{}, err
	}
	if err := rank.Check(cosines); err != nil {
		return Result{}, fmt.Errorf("evaluate: cosines: %w", err)
	}
	rho, standardError, err := confidence.Spearman(cosines, labels, confidence.NewPairs(schema.Ends(pairs)))
	if err != nil {
		return Result{}, fmt.Errorf("evaluate: %w", err)
	}
	targets, err := rank.Normalize(labels)
	if err != nil {
		return Result{}, fmt.Errorf("evaluate: %w", err)
	}
	return Result{Spearman: rho, MSE: meanSquare(cosines, targets), Pairs: len(pairs), Error: standardError}, nil
}

func dot(a, b []float32) float64 {
	sum := 0.
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

func meanSquare(x, y []float64) float64 {
	sum := 0.
	for i, v := range x {
		sum += (v - y[i]) * (v - y[i])
	}
	return sum / float64(len(x))
}
