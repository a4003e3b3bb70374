// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// decompose returns the first dim right singular vectors of X, given its Gram matrix [W,W], as the columns of directions [W,dim],
// and the share of the squared singular values that they carry (E10). With the uncentred SVD X = U·S·Vᵀ,
//
//	E10: XᵀX = V·S²·Vᵀ,  U·S = X·V
//
// so the eigenvectors of the Gram matrix suffice, and the N videos cost no more than N·W². The Gram matrix squares
// the condition number; singular values below about 1e-8 of the largest are lost in rounding, as are any differences
// they make to a dot product. No mean is taken off: cosines are about the origin.
//
// Paper: section 2.4, 6·256 to 256, which cost 0.001 Spearman.
func decompose(gram *mat.SymDense, dim int) (directions []float64, explained float64, err error) {
	w, all := gram.SymmetricDim(), mat.Trace(gram)
	values, vectors, err := largest(gram, dim)
	if err != nil {
		return nil, 0, err
	}
	// What rounding leaves of eigenvalues that are zero: their directions are arbitrary, and are dropped.
	floor := values[0] * float64(w) * epsilon
	directions = make([]float64, w*dim)
	for k, value := range values {
		if value <= floor {
			break
		}
		explained += value
		for i, v := range positive(vectors[k]) {
			directions[i*dim+k] = v
		}
	}
	return directions, min(1, explained/all), nil
}

// largest returns the k largest eigenvalues of a in falling order, with their eigenvectors.
func largest(a *mat.SymDense, k int) (values []float64, vectors [][]float64, err error) {
	// The first 256 eigenvectors alone are computed here, for gonum's EigenSym computes all of them, by steps without blocks: at the
	// competition's width of 1536 in 113 s (on two cores), here in 0.2 CPU seconds. gonum has no dsyevr
	// and no dormtr, which would do.
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
