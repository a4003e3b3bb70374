// SPDX-License-Identifier: Apache-2.0

// Package ensemble joins the embeddings that several models give the same videos into one short embedding: unit rows,
// weighted and put side by side, then an uncentred truncated SVD.
package ensemble

import (
	"errors"
	"fmt"
	"math"

	"vsim/vsimlib/embeddings"
)

// Info says what Combine made.
type Info struct {
	Models    int     `json:"models"`
	Dim       int     `json:"dim"`
	Explained float64 `json:"explained"` // share of the squared singular values that the dimensions have, in [0,1]
}

// Combine returns one embedding of dim floats a video from those of several models: the best one of that width for all
// dot products of the weighted concatenation, whose dot product is in turn the weighted mean of the models' cosines. A
// dim above the summed width keeps that width. weights are divided by their sum; none means equal ones. The sets are
// matched by id, whatever their orders; rows come out in the order of the first and are not normalised again. Columns
// stand in falling order of their singular values, each with the sign that makes its direction's largest part positive.
//
// Paper: section 2.4. Differs: the released code takes equal weights whatever is asked for, and a randomized SVD.
func Combine(sets []*embeddings.Set, weights []float64, dim int) (*embeddings.Set, Info, error) {
	if _, err := check(len(sets), weights, dim); err != nil { // before the long work
		return nil, Info{}, err
	}
	m, err := NewMembers(sets)
	if err != nil {
		return nil, Info{}, err
	}
	every := make([]int, len(sets))
	for i := range every {
		every[i] = i
	}
	j, err := m.Join(every, weights, dim)
	if err != nil {
		return nil, Info{}, err
	}
	out := &embeddings.Set{IDs: append([]int64(nil), sets[0].IDs...), Dim: j.Dim, Data: m.all(j)}
	return out, Info{Models: len(sets), Dim: j.Dim, Explained: j.Explained}, nil
}

// check returns the models' scales, or why they cannot be joined with these weights to dim columns.
func check(models int, weights []float64, dim int) (scale []float64, err error) {
	if scale, err = scales(models, weights); err != nil {
		return nil, fmt.Errorf("ensemble: %w", err)
	}
	if dim < 1 {
		return nil, fmt.Errorf("ensemble: dim %d, want at least 1", dim)
	}
	return scale, nil
}

// scales returns √w_k of each model (E9).
func scales(models int, weights []float64) ([]float64, error) {
	scale := make([]float64, models)
	if len(weights) == 0 {
		for m := range scale {
			scale[m] = math.Sqrt(1 / float64(models))
		}
		return scale, nil
	}
	if len(weights) != models {
		return nil, fmt.Errorf("%d weights for %d models", len(weights), models)
	}
	sum := 0.
	for m, w := range weights {
		if !(w > 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("weight %d is %g, want a positive number", m+1, w)
		}
		sum += w
	}
	if math.IsInf(sum, 0) {
		return nil, errors.New("the weights' sum is too large")
	}
	for m, w := range weights {
		scale[m] = math.Sqrt(w / sum)
	}
	return scale, nil
}
