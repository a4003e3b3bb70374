// SPDX-License-Identifier: Apache-2.0

// Package evaluate scores embeddings against labelled pairs, as the competition's server did: Spearman's correlation of
// cosine and label. A score is worth nothing without the rule that held its pairs out; callers state it too.
package evaluate

import (
	"fmt"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/rank"
)

// Result is the score of one set of embeddings on one label file.
type Result struct {
	Spearman float64 `json:"spearman"` // of cosine against label, average ranks
	MSE      float64 `json:"mse"`      // of cosine against the label rank-normalised over these pairs
	Pairs    int     `json:"pairs"`
}

// Score compares the cosine of every pair with its label. Repeated, reversed and self pairs count as is. A side
// that is constant, an id without an embedding and an embedding without a direction are errors, never a number.
func Score(set *embeddings.Set, pairs []corpus.Pair) (Result, error) {
	labels := make([]float64, len(pairs))
	for i, p := range pairs {
		labels[i] = p.Score
	}
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
	rho, err := rank.Spearman(cosines, labels)
	if err != nil {
		return Result{}, fmt.Errorf("evaluate: %w", err)
	}
	targets, err := rank.Normalize(labels)
	if err != nil {
		return Result{}, fmt.Errorf("evaluate: %w", err)
	}
	return Result{Spearman: rho, MSE: meanSquare(cosines, targets), Pairs: len(pairs)}, nil
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
