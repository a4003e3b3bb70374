// SPDX-License-Identifier: Apache-2.0

// Package evaluate scores embeddings against labelled pairs, as the competition's server did: Spearman's correlation of
// cosine and label. A score is worth nothing without the rule that held its pairs out; callers state it too.
package evaluate

import (
	"fmt"
	"math"

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

// Cosines returns the cosine of the two embeddings of every pair, in float64. A self pair's is exactly 1.
func Cosines(set *embeddings.Set, pairs []corpus.Pair) ([]float64, error) {
	at, err := set.Index()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	squares := make([]float64, len(set.IDs)) // squared length of each embedding that a pair has named; 0: none yet
	row := func(pair int, id int64) (int, error) {
		i, ok := at[id]
		if !ok {
			return 0, fmt.Errorf("evaluate: pair %d: id %d is not among the embeddings", pair+1, id)
		}
		if squares[i] == 0 {
			squares[i] = dot(set.Row(i), set.Row(i))
		}
		if !(squares[i] > 0) || math.IsInf(squares[i], 0) {
			return 0, fmt.Errorf("evaluate: pair %d: the embedding of id %d has length %g", pair+1, id, math.Sqrt(squares[i]))
		}
		return i, nil
	}
	cosines := make([]float64, len(pairs))
	for n, p := range pairs {
		a, err := row(n, p.A)
		if err != nil {
			return nil, err
		}
		b, err := row(n, p.B)
		if err != nil {
			return nil, err
		}
		// One root of the product, for sqrt(x·x) is exactly x: self pairs tie. Squares of float32 cannot overflow here.
		cosines[n] = dot(set.Row(a), set.Row(b)) / math.Sqrt(squares[a]*squares[b])
	}
	return cosines, nil
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
