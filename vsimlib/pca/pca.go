// SPDX-License-Identifier: Apache-2.0

// Package pca maps embeddings to few dimensions by principal components, to look at.
package pca

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"vsim/vsimlib/embeddings"
)

// Map is embeddings in few dimensions.
type Map struct {
	Points [][]float64 // [N][k], of mean 0
	Shares []float64   // of the variance, along each of the k directions; they fall
}

// Of maps embeddings to the k directions along which they vary most. Rows are scaled to length one first, because similarity is
// the cosine, and their mean is taken off, unlike in an ensemble's SVD (E10): on a map only differences are seen. With rows x_n
// and their mean x̄,
//
//	Σ_n (x_n − x̄)(x_n − x̄)ᵀ = V·Λ·Vᵀ,  y_n = Vᵀ(x_n − x̄),  share_k = Λ_k / Σ Λ
//
// The sign of a direction is chosen so that its part of largest size is positive. A row of zeros is an error, and so are embeddings
// that are all equal.
func Of(set *embeddings.Set, k int) (Map, error) {
	n, d := set.Len(), set.Dim
	if k < 1 || k > d {
		return Map{}, fmt.Errorf("pca: %d dimensions of embeddings of %d", k, d)
	}
	centred, err := centre(set)
	if err != nil {
		return Map{}, err
	}
	x := mat.NewDense(n, d, centred)
	var scatter mat.SymDense
	scatter.SymOuterK(1, x.T())
	var eigen mat.EigenSym
	total := mat.Trace(&scatter)
	if !(total > 1e-12*float64(n)) {
		return Map{}, errors.New("pca: all embeddings are equal")
	}
	if !eigen.Factorize(&scatter, true) {
		return Map{}, errors.New("pca: the eigenvalues do not converge")
	}
	values := eigen.Values(nil) // rising
	var vectors, y mat.Dense
	eigen.VectorsTo(&vectors)
	directions := mat.NewDense(d, k, nil)
	var m Map
	for j := range k {
		directions.SetCol(j, positive(mat.Col(nil, d-1-j, &vectors)))
		m.Shares = append(m.Shares, max(0, values[d-1-j])/total)
	}
	y.Mul(x, directions)
	for i := range n {
		m.Points = append(m.Points, mat.Row(nil, i, &y))
	}
	return m, nil
}

// centre are the rows at length one, minus their mean: [N,D].
func centre(set *embeddings.Set) ([]float64, error) {
	n, d := set.Len(), set.Dim
	if n == 0 {
		return nil, errors.New("pca: no embeddings")
	}
	rows, mean := make([]float64, n*d), make([]float64, d)
	for i := range n {
		length := 0.0
		for _, v := range set.Row(i) {
			length += float64(v) * float64(v)
		}
		if length == 0 {
			return nil, fmt.Errorf("pca: the embedding of video %d has length 0", set.IDs[i])
		}
		for j, v := range set.Row(i) {
			rows[i*d+j] = float64(v) / math.Sqrt(length)
			mean[j] += rows[i*d+j] / float64(n)
		}
	}
	for i := range rows {
		rows[i] -= mean[i%d]
	}
	return rows, nil
}

// positive turns a direction so that its part of largest size, the first of equal ones, is positive.
func positive(v []float64) []float64 {
	top := 0
	for i, x := range v {
		if math.Abs(x) > math.Abs(v[top])*(1+1e-9) {
			top = i
		}
	}
	if v[top] < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
	return v
}
