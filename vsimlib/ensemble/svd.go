// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// decompose returns the first dim right singular vectors of x as columns [W,dim], and the share of the squared singular
// values that they carry (E10). With the uncentred SVD X = U·S·Vᵀ,
//
//	E10: XᵀX = V·S²·Vᵀ,  U·S = X·V
//
// so the eigenvectors of the Gram matrix [W,W] suffice, and the N videos cost no more than N·W². The Gram matrix squares
// the condition number; singular values below about 1e-8 of the largest are lost in rounding, as are any differences
// they make to a dot product. No mean is taken off: cosines are about the origin.
//
// Paper: section 2.4, 6·256 to 256, which cost 0.001 Spearman.
func decompose(x *concatenation, dim int) (directions *mat.Dense, explained float64, err error) {
	g := gram(x)
	all := mat.Trace(g)
	values, vectors, err := largest(g, dim)
	if err != nil {
		return nil, 0, err
	}
	// What rounding leaves of eigenvalues that are zero: their directions are arbitrary, and are dropped.
	floor := values[0] * float64(x.width) * 0x1p-52
	directions = mat.NewDense(x.width, dim, nil)
	for k, value := range values {
		if value <= floor {
			break
		}
		explained += value
		directions.SetCol(k, positive(vectors[k]))
	}
	return directions, min(1, explained/all), nil
}

// largest returns the k largest eigenvalues of a in falling order, with their eigenvectors.
func largest(a *mat.SymDense, k int) (values []float64, vectors [][]float64, err error) {
	// The first 256 eigenvectors alone are computed here, for gonum's EigenSym computes all of them, by steps without blocks. Measured
	// on two cores: 0.044 s instead of 0.147 s at width 384, 0.16 s instead of 1.29 s at 768, 2.4 s instead of 113 s at the
	// competition's 1536, with an error of 2e-15. gonum has no dsyevr and no dormtr, which would do.
	if values, vectors, ok := topEigen(a, k); ok {
		return values, vectors, nil
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(a, true) {
		return nil, nil, errors.New("the eigenvalues of the Gram matrix do not converge")
	}
	var all mat.Dense
	eigen.VectorsTo(&all)
	rising := eigen.Values(nil)
	for j := len(rising) - 1; j >= len(rising)-k; j-- {
		values = append(values, rising[j])
		vectors = append(vectors, mat.Col(nil, j, &all))
	}
	return values, vectors, nil
}

// gramTile is how many columns are multiplied with all others at once: with blocks of gramRows rows they fit into a core's cache.
const (
	gramTile = 32
	gramRows = 512
)

// gram is XᵀX [W,W], summed in float64 over blocks of rows. Every element is summed by one goroutine in a fixed order.
func gram(x *concatenation) *mat.SymDense {
	w := x.width
	sum := mat.NewSymDense(w, nil)
	columns := make([]float64, w*gramRows) // the block, transposed
	tiles := (w + gramTile - 1) / gramTile
	x.blocks(func(block *mat.Dense) {
		n, _ := block.Dims()
		for first := 0; first < n; first += gramRows {
			count := min(gramRows, n-first)
			column := func(j int) []float64 { return columns[j*count : (j+1)*count] }
			for i := range count {
				for j, v := range block.RawRowView(first + i) {
					columns[j*count+i] = v
				}
			}
			inParallel(tiles, func(tile int) {
				for i := range min(w, (tile+1)*gramTile) {
					for j := max(i, tile*gramTile); j < min(w, (tile+1)*gramTile); j++ {
						sum.SetSym(i, j, sum.At(i, j)+floats.Dot(column(i), column(j)))
					}
				}
			})
		}
	})
	return sum
}

// positive turns a direction so that its part of largest size, the first of equal ones, is positive: an eigenvector's
// sign is arbitrary, and one rule makes results comparable. Parts within rounding of the largest count as equal.
func positive(v []float64) []float64 {
	largest := 0.
	for _, p := range v {
		largest = max(largest, math.Abs(p))
	}
	for _, p := range v {
		if math.Abs(p) < largest*(1-1e-9) {
			continue
		}
		if p < 0 {
			floats.Scale(-1, v)
		}
		break
	}
	return v
}
