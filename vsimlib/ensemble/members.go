// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"vsim/vsimlib/dense"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/parallel"
)

// Members are the embeddings that several models give the same videos, from which any of them are joined. The Gram matrix of all is
// computed once: that of a few is a part of it, times the weights.
type Members struct {
	sets   []*embeddings.Set
	rows   [][]int // rows[m][i]: the row of set m that has the i-th video of the first set
	starts []int   // the first column of each member in the concatenation, and the width of all
	gram   *mat.SymDense
}

// NewMembers matches the sets by id, whatever their orders. The videos are in the order of the first set.
func NewMembers(sets []*embeddings.Set) (*Members, error) {
	if len(sets) == 0 || len(sets[0].IDs) == 0 {
		return nil, errors.New("ensemble: no embeddings")
	}
	m := &Members{sets: sets, starts: []int{0}}
	for i, s := range sets {
		if err := checkRows(s); err != nil {
			return nil, &MemberError{i, len(sets), err}
		}
		rows, err := match(sets[0], s)
		if err != nil {
			return nil, &MemberError{i, len(sets), err}
		}
		m.rows = append(m.rows, rows)
		m.starts = append(m.starts, m.starts[i]+s.Dim)
	}
	m.gram = m.product()
	return m, nil
}

// MemberError is the error of a set that cannot be joined with the others.
type MemberError struct {
	Member, Of int // its index, from 0, and the number of sets
	Err        error
}

// Error counts from 1.
func (e *MemberError) Error() string {
	return fmt.Sprintf("ensemble: model %d of %d: %v", e.Member+1, e.Of, e.Err)
}

// Unwrap is what is wrong with the set.
func (e *MemberError) Unwrap() error { return e.Err }

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

// match returns for every video of first its row in s, which must have the same ids.
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

// unit writes a member's embedding of the i-th video, with length 1, into out.
func unit[T dense.Number](m *Members, member, i int, out []T) {
	e := m.sets[member].Row(m.rows[member][i])
	scale := 1 / norm(e)
	for j, v := range e {
		out[j] = T(float64(v) * scale)
	}
}

// gramRows is how many videos are added to the Gram matrix at once.
const gramRows = 256

// product is the Gram matrix XᵀX [W,W] of the concatenation X [N,W] of unit rows, in float64. Every element is summed by one
// goroutine in a fixed order.
func (m *Members) product() *mat.SymDense {
	w, n := m.starts[len(m.sets)], len(m.rows[0])
	sum := make([]float64, w*w)
	block := make([]float64, min(n, gramRows)*w)
	var panels *dense.Panels[float64]
	for first := 0; first < n; first += gramRows {
		count := min(gramRows, n-first)
		parallel.Each(count, func(i int) {
			for k := range m.sets {
				unit(m, k, first+i, block[i*w+m.starts[k]:(i+1)*w])
			}
		})
		panels = dense.Pack(panels, block, w, count, w)
		parallel.Each(panels.Strips(), func(i int) { dense.AddUpper(sum, w, panels, panels, i) })
	}
	return mat.NewSymDense(w, sum)
}

// Joint is how some of the members are joined.
type Joint struct {
	Dim       int
	Explained float64 // share of the squared singular values that the dimensions have, in [0,1]

	members    []int
	directions [][]float64 // of each of the members: its rows [D,Dim] of the directions, times √w
}

// Join finds the directions onto which the weighted concatenation of some members' embeddings e_k, given by their indices, is
// projected (E10):
//
//	E9: x = [ √w_1 e_1/‖e_1‖ , … , √w_K e_K/‖e_K‖ ],  Σ_k w_k = 1
//
// so that x·x' is the weighted mean of the models' cosines, and ‖x‖ is 1. dim and weights are as in Combine.
func (m *Members) Join(members []int, weights []float64, dim int) (*Joint, error) {
	scale, err := check(len(members), weights, dim)
	if err != nil {
		return nil, err
	}
	g := m.part(members, scale)
	dim = min(dim, g.SymmetricDim())
	j := &Joint{Dim: dim, members: members}
	directions, explained, err := decompose(g, dim)
	if err != nil {
		return nil, fmt.Errorf("ensemble: %w", err)
	}
	j.Explained = explained
	for k, member := range members {
		rows := directions[:m.sets[member].Dim*dim]
		floats.Scale(scale[k], rows)
		j.directions = append(j.directions, rows)
		directions = directions[len(rows):]
	}
	return j, nil
}

// part is the Gram matrix of the weighted concatenation (E9) of some members.
func (m *Members) part(members []int, scale []float64) *mat.SymDense {
	var columns []int
	var factors []float64
	for k, member := range members {
		for c := m.starts[member]; c < m.starts[member+1]; c++ {
			columns, factors = append(columns, c), append(factors, scale[k])
		}
	}
	g := mat.NewSymDense(len(columns), nil)
	for i, a := range columns {
		for j := i; j < len(columns); j++ {
			g.SetSym(i, j, factors[i]*factors[j]*m.gram.At(a, columns[j]))
		}
	}
	return g
}
