// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	lapack "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"

	"vsim/vsimlib/dense"
)

// epsilon is the spacing of float64 at 1.
const epsilon = 0x1p-52

// topEigen returns the k largest eigenvalues of a in falling order, with their eigenvectors: the QL method for the values,
// inverse iteration for the vectors, both on the tridiagonal form (LAPACK's dsterf and dstein). ok is false where a vector
// does not converge, which a caller meets with a slower method.
func topEigen(a *mat.SymDense, k int) (values []float64, vectors [][]float64, ok bool) {
	t := reduce(a)
	scale := t.norm()
	if scale == 0 || math.IsNaN(scale) || math.IsInf(scale, 0) {
		return nil, nil, false
	}
	if values, ok = t.values(k); !ok {
		return nil, nil, false
	}
	n := len(t.diagonal)
	all := make([]float64, k*n)
	for j := range values {
		if !t.vector(all[:(j+1)*n], values, scale) {
			return nil, nil, false
		}
	}
	t.back(all)
	for j := range values {
		vectors = append(vectors, all[j*n:(j+1)*n])
	}
	return values, vectors, true
}

// norm bounds the size of every eigenvalue of T: no disc of Gershgorin's reaches further.
func (t *tridiagonal) norm() float64 {
	bound := 0.
	for i, d := range t.diagonal {
		r := math.Abs(d)
		if i > 0 {
			r += math.Abs(t.off[i-1])
		}
		if i < len(t.off) {
			r += math.Abs(t.off[i])
		}
		if !(r <= bound) { // NaN too
			bound = r
		}
	}
	return bound
}

// values returns T's k largest eigenvalues in falling order, to a few units of rounding of the largest. All of them, by the QL
// method without vectors, cost less than k by bisection.
func (t *tridiagonal) values(k int) (values []float64, ok bool) {
	rising := slices.Clone(t.diagonal)
	if !(lapack.Implementation{}).Dsterf(len(rising), rising, slices.Clone(t.off)) {
		return nil, false
	}
	slices.Reverse(rising)
	return rising[:k], true
}

// vector writes into the last row of vectors [j+1,n] T's eigenvector of values[j], by inverse iteration. Eigenvalues may coincide,
// so it is made orthogonal to the vectors before it whose values are near; the others it is orthogonal to by itself.
func (t *tridiagonal) vector(vectors, values []float64, scale float64) (ok bool) {
	n := len(t.diagonal)
	j := len(vectors)/n - 1
	before, z := vectors[:j*n], vectors[j*n:]
	near := j
	for near > 0 && values[near-1]-values[j] < 1e-3*scale {
		near--
	}
	draw := rand.New(rand.NewPCG(uint64(j), 1)) // any start will do that is the same every time
	for i := range z {
		z[i] = draw.NormFloat64()
	}
	// Of values that coincide each is moved a little, so that the iterations do not all run to the same vector.
	lambda := values[j]
	for i := j; i > near && values[i-1]-values[i] < 4*epsilon*scale; i-- {
		lambda -= 4 * epsilon * scale
	}
	factors, products := t.factor(lambda, scale), make([]float64, j-near)
	for range 8 {
		factors.solve(z)
		for range 2 { // a second pass takes off what the first leaves by rounding
			dense.DotRows(products, before[near*n:], n, z)
			floats.Scale(-1, products)
			dense.AddRows(z, before[near*n:], n, products)
		}
		norm := floats.Norm(z, 2)
		if norm == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
			return false
		}
		floats.Scale(1/norm, z)
		if t.residual(z, values[j]) <= 16*math.Sqrt(float64(n))*epsilon*scale {
			return true
		}
	}
	return false
}

// residual is the length of T·z − λ·z.
func (t *tridiagonal) residual(z []float64, lambda float64) float64 {
	sum := 0.
	for i, d := range t.diagonal {
		r := (d - lambda) * z[i]
		if i > 0 {
			r += t.off[i-1] * z[i-1]
		}
		if i < len(t.off) {
			r += t.off[i] * z[i+1]
		}
		sum += r * r
	}
	return math.Sqrt(sum)
}

// factored is T − λ·I = P·L·U by elimination with row exchanges; U has two elements next to the diagonal.
type factored struct {
	pivot, first, second []float64 // rows of U
	multiplier           []float64 // below L's diagonal
	exchanged            []bool    // whether rows i and i+1 were
}

func (t *tridiagonal) factor(lambda, scale float64) *factored {
	n := len(t.diagonal)
	f := &factored{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]bool, n)}
	for i, d := range t.diagonal {
		f.pivot[i] = d - lambda
	}
	copy(f.first, t.off)
	for i, b := range t.off {
		if math.Abs(b) > math.Abs(f.pivot[i]) { // row i+1 is (b, pivot, first) in columns i, i+1, i+2
			f.exchanged[i] = true
			m := f.pivot[i] / b
			f.pivot[i], f.multiplier[i] = b, m
			f.first[i], f.pivot[i+1] = f.pivot[i+1], f.first[i]-m*f.pivot[i+1]
			f.second[i], f.first[i+1] = f.first[i+1], -m*f.first[i+1]
		} else if f.pivot[i] != 0 {
			f.multiplier[i] = b / f.pivot[i]
			f.pivot[i+1] -= f.multiplier[i] * f.first[i]
		}
	}
	for i, p := range f.pivot { // λ is an eigenvalue to rounding: a pivot may be nothing
		if math.Abs(p) < epsilon*scale {
			f.pivot[i] = math.Copysign(epsilon*scale, p)
		}
	}
	return f
}

// solve overwrites z with (T − λ·I)⁻¹·z, scaled to length 1 first so that it stays far from overflow.
func (f *factored) solve(z []float64) {
	floats.Scale(1/floats.Norm(z, 2), z)
	n := len(z)
	for i := range n - 1 {
		if f.exchanged[i] {
			z[i], z[i+1] = z[i+1], z[i]
		}
		z[i+1] -= f.multiplier[i] * z[i]
	}
	for i := n - 1; i >= 0; i-- {
		if i+1 < n {
			z[i] -= f.first[i] * z[i+1]
		}
		if i+2 < n {
			z[i] -= f.second[i] * z[i+2]
		}
		z[i] /= f.pivot[i]
		if math.Abs(z[i]) > 1e200 { // several tiny pivots in a row multiply up
			floats.Scale(1e-200, z)
		}
	}
}
