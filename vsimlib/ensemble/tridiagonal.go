// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"vsim/vsimlib/dense"
	"vsim/vsimlib/parallel"
)

// tridiagonal is a symmetric matrix A = Q·T·Qᵀ with T tridiagonal and Q a product of reflections H_k = I − τ_k·v_k·v_kᵀ
// (Householder; Golub and Van Loan, Matrix Computations, 8.3.1).
type tridiagonal struct {
	diagonal []float64 // [n] of T
	off      []float64 // [n-1]: the elements next to the diagonal
	v        []float64 // [n,n]: row k is v_k, which begins with k+1 zeros
	tau      []float64
}

// panelWidth is how many reflections are collected before they are applied to the rest of the matrix, and to eigenvectors.
const panelWidth = 32

// reduce makes a tridiagonal of a, which it does not change (LAPACK's dsytrd). Half the arithmetic is the product of each
// reflection's vector with the matrix, which reads every element once; the other half is products of panels.
func reduce(a *mat.SymDense) *tridiagonal {
	n := a.SymmetricDim()
	rest := mat.DenseCopyOf(a).RawMatrix().Data // its elements on and above the diagonal
	t := &tridiagonal{diagonal: make([]float64, n), off: make([]float64, max(n-1, 0)), v: make([]float64, n*n),
		tau: make([]float64, n)}
	p := &panel{n: n, rows: make([]float64, 2*panelWidth*n), factors: make([]float64, 2*panelWidth)}
	for first := 0; first < n; first += panelWidth {
		p.count = 0
		clear(p.rows)
		for k := first; k < min(n, first+panelWidth); k++ {
			t.eliminate(k, rest, p)
		}
		p.apply(rest, first+panelWidth)
	}
	return t
}

// eliminate makes row k of the matrix tridiagonal, and collects its reflection.
func (t *tridiagonal) eliminate(k int, rest []float64, p *panel) {
	n := p.n
	head := rest[k*n+k : (k+1)*n]
	p.update(head, k)
	t.diagonal[k] = head[0]
	if k == n-1 {
		return
	}
	v := t.v[k*n+k+1 : (k+1)*n]
	t.tau[k], t.off[k] = reflector(v, head[1:])
	// H·A·H = A − v·wᵀ − w·vᵀ with p = τ·A·v and w = p − ½τ(pᵀv)v.
	w := p.next(v, k+1)
	dense.Symmetric(w, rest[(k+1)*n+k+1:], n, v)
	p.correct(w, v, k+1)
	floats.Scale(t.tau[k], w)
	floats.AddScaled(w, -0.5*t.tau[k]*floats.Dot(w, v), v)
	p.count++
}

// panel is the update A −= v·wᵀ + w·vᵀ of several reflections that the matrix still lacks.
type panel struct {
	n, count int
	rows     []float64 // [2·panelWidth,n]: v and w of each, in turn
	factors  []float64

	left, right *dense.Panels[float64]
}

// next writes v, which begins at a column, into the panel and returns where its w belongs.
func (p *panel) next(v []float64, column int) (w []float64) {
	row := p.rows[2*p.count*p.n:]
	copy(row[column:], v)
	return row[p.n+column : 2*p.n]
}

// update subtracts row k of the update from head, which is the end of that row of the matrix.
func (p *panel) update(head []float64, k int) {
	factors := p.factors[:2*p.count]
	for i := range p.count {
		factors[2*i], factors[2*i+1] = -p.rows[(2*i+1)*p.n+k], -p.rows[2*i*p.n+k]
	}
	dense.AddRows(head, p.rows[k:], p.n, factors)
}

// correct subtracts from w the update's product with x, whose elements begin at a column.
func (p *panel) correct(w, x []float64, column int) {
	factors := p.factors[:2*p.count]
	dense.DotRows(factors, p.rows[column:], p.n, x)
	for i := range p.count {
		factors[2*i], factors[2*i+1] = -factors[2*i+1], -factors[2*i]
	}
	dense.AddRows(w, p.rows[column:], p.n, factors)
}

// apply subtracts the update from the rows from first on.
func (p *panel) apply(rest []float64, first int) {
	n, left := p.n, p.n-first
	if left <= 0 {
		return
	}
	p.right = dense.Pack(p.right, p.rows[first:], n, len(p.rows)/n, left)
	for i := 0; i < len(p.rows); i += 2 * n { // −w, −v in the places of v, w
		for j := i + first; j < i+n; j++ {
			p.rows[j], p.rows[j+n] = -p.rows[j+n], -p.rows[j]
		}
	}
	p.left = dense.Pack(p.left, p.rows[first:], n, len(p.rows)/n, left)
	parallel.Each(p.right.Strips(), func(i int) { dense.AddUpper(rest[first*n+first:], n, p.left, p.right, i) })
}

// reflector writes v and returns τ with (I − τ·v·vᵀ)·x = (off, 0, … 0).
func reflector(v, x []float64) (tau, off float64) {
	copy(v, x)
	norm := floats.Norm(x, 2)
	if norm == math.Abs(x[0]) { // nothing beyond the first element
		return 0, x[0]
	}
	off = -math.Copysign(norm, x[0])
	v[0] = x[0] - off // no cancellation: the signs differ
	return 2 / floats.Dot(v, v), off
}

// back turns eigenvectors of T, the rows of z [k,n], into those of A. The product of a panel's reflections is I − Vᵀ·F·V, with
// their vectors as rows of V and F upper triangular (LAPACK's dlarft and dlarfb).
func (t *tridiagonal) back(z []float64) {
	n := len(t.diagonal)
	rows := len(z) / n
	last := (n - 2) / panelWidth * panelWidth
	for first := last; n > 1 && first >= 0; first -= panelWidth {
		width := min(panelWidth, n-1-first)
		v := t.v[first*n : (first+width)*n]
		f := t.block(v, first, width)
		// From the panel's first column on: before it V is zero.
		down := dense.PackTransposed[float64](nil, v[first:], n, n-first, width)
		across := dense.Pack[float64](nil, v[first:], n, width, n-first)
		const chunk = 32
		parallel.Each((rows+chunk-1)/chunk, func(part int) {
			from := part * chunk
			count := min(chunk, rows-from)
			part1, part2 := make([]float64, count*width), make([]float64, count*width)
			dense.Add(part1, width, z[from*n+first:], n, count, down)
			for i := range count { // z·Vᵀ·Fᵀ
				for j := range width {
					part2[i*width+j] = -floats.Dot(f[j*width+j:(j+1)*width], part1[i*width+j:(i+1)*width])
				}
			}
			dense.Add(z[from*n+first:], n, part2, width, count, across)
		})
	}
}

// block is F [width,width] of the reflections from first on, whose vectors are the rows of v.
func (t *tridiagonal) block(v []float64, first, width int) []float64 {
	n := len(t.diagonal)
	f, products := make([]float64, width*width), make([]float64, width)
	for j := range width {
		tau := t.tau[first+j]
		f[j*width+j] = tau
		dense.DotRows(products[:j], v[first:], n, v[j*n+first:(j+1)*n])
		for i := range j {
			f[i*width+j] = -tau * floats.Dot(f[i*width+i:i*width+j], products[i:j])
		}
	}
	return f
}
