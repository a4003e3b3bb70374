// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"math"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
)

// Cosines returns the cosine of the two embeddings of every pair, in float64. A self pair's is exactly 1.
func Cosines(set *embeddings.Set, pairs []corpus.Pair) ([]float64, error) {
	rows, err := Locate(set, pairs)
	if err != nil {
		return nil, err
	}
	list, err := rows.Cosines(set, set.Dim)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// Cosine is the cosine of two vectors of the same length, in float64; NaN if one of them has no direction.
func Cosine(a, b []float32) float64 {
	return dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b))
}

// Rows are pairs as rows of embeddings: the i-th is of First[i] and Second[i].
type Rows struct{ First, Second []int }

// Locate finds the rows of the pairs' videos, which all have to be among the embeddings.
func Locate(set *embeddings.Set, pairs []corpus.Pair) (*Rows, error) {
	at, err := set.Index()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	row := func(pair int, id int64) (int, error) {
		i, ok := at[id]
		if !ok {
			return 0, fmt.Errorf("evaluate: pair %d: id %d is not among the embeddings", pair+1, id)
		}
		return i, nil
	}
	r := &Rows{make([]int, len(pairs)), make([]int, len(pairs))}
	for n, p := range pairs {
		if r.First[n], err = row(n, p.A); err != nil {
			return nil, err
		}
		if r.Second[n], err = row(n, p.B); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Cosines returns the cosines of the pairs' embeddings in float64, of their first columns alone: for each of the widths, which are
// in falling order.
func (r *Rows) Cosines(set *embeddings.Set, widths ...int) ([][]float64, error) {
	k := len(widths)
	squares := make([]float64, len(set.IDs)*k) // squared lengths of each embedding that a pair has named; 0: none yet
	square := func(pair, row int) ([]float64, error) {
		out := squares[row*k : (row+1)*k]
		if out[0] > 0 {
			return out, nil
		}
		dots(out, set.Row(row), set.Row(row), widths)
		for _, s := range out {
			if !(s > 0) || math.IsInf(s, 0) {
				return nil, fmt.Errorf("evaluate: pair %d: the embedding of id %d has length %g", pair+1, set.IDs[row], math.Sqrt(s))
			}
		}
		return out, nil
	}
	list, products := make([][]float64, k), make([]float64, k)
	for w := range widths {
		list[w] = make([]float64, len(r.First))
	}
	for n, first := range r.First {
		second := r.Second[n]
		a, err := square(n, first)
		if err != nil {
			return nil, err
		}
		b, err := square(n, second)
		if err != nil {
			return nil, err
		}
		dots(products, set.Row(first), set.Row(second), widths)
		for w, product := range products {
			// One root of the product, for sqrt(x·x) is exactly x: self pairs tie. Squares of float32 cannot overflow here.
			list[w][n] = product / math.Sqrt(a[w]*b[w])
		}
	}
	return list, nil
}

// dots writes into out the dot products of the first columns, for each of the widths, which are in falling order.
func dots(out []float64, a, b []float32, widths []int) {
	sum, done := 0., 0
	for w := len(widths) - 1; w >= 0; w-- {
		end := min(widths[w], len(a))
		right := b[done:end]
		for i, v := range a[done:end] {
			sum += float64(v) * float64(right[i])
		}
		out[w], done = sum, end
	}
}
