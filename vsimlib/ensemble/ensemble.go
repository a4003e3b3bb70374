// SPDX-License-Identifier: Apache-2.0

// Package ensemble joins the embeddings that several models give the same videos into one short embedding: unit rows,
// weighted and put side by side, then an uncentred truncated SVD.
package ensemble

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"vsim/vsimlib/embeddings"
)

// Info says what Combine made.
type Info struct {
	Models    int     `json:"models"`
	Dim       int     `json:"dim"`
	Explained float64 `json:"explained"` // share of the squared singular values that the dimensions have, in [0,1]
}

// blockRows is how many rows are held in float64 at once.
const blockRows = 2048

// Combine returns one embedding of dim floats a video from those of several models: the best one of that width for all
// dot products of the weighted concatenation, whose dot product is in turn the weighted mean of the models' cosines. A
// dim above the summed width keeps that width. weights are divided by their sum; none means equal ones. The sets are
// matched by id, whatever their orders; rows come out in the order of the first and are not normalised again. Columns
// stand in falling order of their singular values, each with the sign that makes its direction's largest part positive.
//
// Paper: section 2.4. Differs: the released code takes equal weights whatever is asked for, and a randomized SVD.
func Combine(sets []*embeddings.Set, weights []float64, dim int) (*embeddings.Set, Info, error) {
	x, err := newConcatenation(sets, weights)
	if err != nil {
		return nil, Info{}, fmt.Errorf("ensemble: %w", err)
	}
	if dim < 1 {
		return nil, Info{}, fmt.Errorf("ensemble: dim %d, want at least 1", dim)
	}
	dim = min(dim, x.width)
	directions, explained, err := decompose(x, dim)
	if err != nil {
		return nil, Info{}, fmt.Errorf("ensemble: %w", err)
	}
	out := &embeddings.Set{IDs: append([]int64(nil), sets[0].IDs...), Dim: dim, Data: make([]float32, 0, len(sets[0].IDs)*dim)}
	x.blocks(func(block *mat.Dense) {
		var projected mat.Dense
		projected.Mul(block, directions)
		for _, v := range projected.RawMatrix().Data {
			out.Data = append(out.Data, float32(v))
		}
	})
	return out, Info{Models: len(sets), Dim: dim, Explained: explained}, nil
}

// concatenation is the matrix [N,W] of all models' rows side by side. It is never held whole: blocks of it are made from
// the float32 sets when they are needed.
type concatenation struct {
	sets  []*embeddings.Set
	rows  [][]int   // rows[m][i]: where set m holds the i-th video of the first set
	scale []float64 // sqrt(weight / sum of weights) of each set
	width int
}

func newConcatenation(sets []*embeddings.Set, weights []float64) (*concatenation, error) {
	if len(sets) == 0 || len(sets[0].IDs) == 0 {
		return nil, errors.New("no embeddings")
	}
	x := &concatenation{sets: sets}
	var err error
	if x.scale, err = scales(len(sets), weights); err != nil {
		return nil, err
	}
	for m, s := range sets {
		if err := checkRows(s); err != nil {
			return nil, fmt.Errorf("model %d of %d: %w", m+1, len(sets), err)
		}
		rows, err := match(sets[0], s)
		if err != nil {
			return nil, fmt.Errorf("model %d of %d: %w", m+1, len(sets), err)
		}
		x.rows = append(x.rows, rows)
		x.width += s.Dim
	}
	return x, nil
}

// scales returns sqrt(w_m / Σw) of each model.
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

// checkRows refuses a set that has rows without a direction.
func checkRows(s *embeddings.Set) error {
	if s.Dim < 1 || len(s.Data) != len(s.IDs)*s.Dim {
		return fmt.Errorf("%d values for %d rows of %d", len(s.Data), len(s.IDs), s.Dim)
	}
	for i, id := range s.IDs {
		if n := norm(s.Row(i)); !(n > 0) || math.IsInf(n, 0) {
			return fmt.Errorf("the embedding of id %d has length %g", id, n)
		}
	}
	return nil
}

// norm is the L2 length in float64, where no float32 over- or underflows.
func norm(row []float32) float64 {
	sum := 0.
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// match returns where s holds each video of first. Both must hold the same ids, each once.
func match(first, s *embeddings.Set) ([]int, error) {
	at, err := s.Index()
	if err != nil {
		return nil, err
	}
	rows := make([]int, len(first.IDs))
	for i, id := range first.IDs {
		row, ok := at[id]
		if !ok {
			return nil, fmt.Errorf("id %d, which the first model has, is missing", id)
		}
		rows[i] = row
		delete(at, id)
	}
	for _, id := range s.IDs {
		if _, left := at[id]; left {
			return nil, fmt.Errorf("id %d is not in the first model's embeddings", id)
		}
	}
	return rows, nil
}

// row writes the weighted concatenation (E9) of one video's embeddings e_k into out [W]:
//
//	E9: x = [ √w_1 e_1/‖e_1‖ , … , √w_K e_K/‖e_K‖ ],  Σ_k w_k = 1
//
// so that x·x' is the weighted mean of the models' cosines, and ‖x‖ is 1.
func (x *concatenation) row(i int, out []float64) {
	for m, s := range x.sets {
		e := s.Row(x.rows[m][i])
		scale := x.scale[m] / norm(e)
		for j, v := range e {
			out[j] = float64(v) * scale
		}
		out = out[len(e):]
	}
}

// blocks calls do with the matrix in blocks of rows [≤blockRows,W], first to last. The next call overwrites a block.
func (x *concatenation) blocks(do func(block *mat.Dense)) {
	n := len(x.sets[0].IDs)
	buffer := make([]float64, min(n, blockRows)*x.width)
	for first := 0; first < n; first += blockRows {
		count := min(blockRows, n-first)
		for i := range count {
			x.row(first+i, buffer[i*x.width:(i+1)*x.width])
		}
		do(mat.NewDense(count, x.width, buffer[:count*x.width]))
	}
}
