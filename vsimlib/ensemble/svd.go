// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// decompose returns the first dim right singular vectors of x as columns [W,dim], and the share of the squared singular
// values that they carry (E10). With the uncentred SVD X = U·S·Vᵀ,
//
//	XᵀX = V·S²·Vᵀ   and   U·S = X·V,
//
// so the eigenvectors of the Gram matrix [W,W] suffice, and the N videos cost no more than N·W². The Gram matrix squares
// the condition number; singular values below about 1e-8 of the largest are lost in rounding, as are any differences
// they make to a dot product. No mean is taken off: cosines are about the origin.
//
// Paper: section 2.4, 6·256 to 256, which cost 0.001 Spearman.
func decompose(x *concatenation, dim int) (directions *mat.Dense, explained float64, err error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(gram(x), true) {
		return nil, 0, errors.New("the eigenvalues of the Gram matrix do not converge")
	}
	values := eigen.Values(nil) // rising
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)

	width := len(values)
	// What rounding leaves of eigenvalues that are zero: their directions are arbitrary, and are dropped.
	floor := values[width-1] * float64(width) * 0x1p-52
	directions = mat.NewDense(width, dim, nil)
	var kept, all float64
	for k := range width {
		value := values[width-1-k]
		if value <= floor {
			break
		}
		all += value
		if k < dim {
			kept += value
			directions.SetCol(k, positive(mat.Col(nil, width-1-k, &vectors)))
		}
	}
	return directions, kept / all, nil
}

// gram is XᵀX [W,W], summed in float64 over blocks of rows.
func gram(x *concatenation) *mat.SymDense {
	sum := mat.NewDense(x.width, x.width, nil)
	var part mat.Dense
	x.blocks(func(block *mat.Dense) {
		part.Reset()
		part.Mul(block.T(), block)
		sum.Add(sum, &part)
	})
	return mat.NewSymDense(x.width, sum.RawMatrix().Data) // reads the upper triangle
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
			for j := range v {
				v[j] = -v[j]
			}
		}
		break
	}
	return v
}
