// SPDX-License-Identifier: Apache-2.0

package ensemble

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// tridiagonal is a symmetric matrix A = Q·T·Qᵀ with T tridiagonal and Q a product of reflections H_k = I − τ_k·v_k·v_kᵀ
// (Householder; Golub and Van Loan, Matrix Computations, 8.3.1).
type tridiagonal struct {
	diagonal []float64   // [n] of T
	off      []float64   // [n-1]: the elements next to the diagonal
	v        [][]float64 // v[k] belongs to positions k+1..n-1
	tau      []float64
}

// reduce makes a tridiagonal of a, which it does not change. A step's update of the matrix and the product with the next
// reflection's vector are done in one pass over the rows, for it is memory that this waits for.
func reduce(a *mat.SymDense) *tridiagonal {
	n := a.SymmetricDim()
	full := mat.DenseCopyOf(a)
	row := func(i, from int) []float64 { return full.RawRowView(i)[from:] }
	t := &tridiagonal{diagonal: make([]float64, n), off: make([]float64, max(n-1, 0)), v: make([][]float64, n),
		tau: make([]float64, n)}
	var v, w []float64 // the update that rows k.. still lack: A −= v·wᵀ + w·vᵀ
	p := make([]float64, n)
	for k := range n {
		head := row(k, k)
		update(head, v, w, 0)
		t.diagonal[k] = head[0]
		if k == n-1 {
			break
		}
		next, tau, off := reflector(head[1:])
		t.v[k], t.tau[k], t.off[k] = next, tau, off
		// Rows k+1.. of the trailing matrix, where they start at column k+1.
		tail := p[:n-k-1]
		inParallelRows(len(tail), func(i int) {
			r := row(k+1+i, k+1)
			update(r, v, w, i+1)
			tail[i] = tau * floats.Dot(r, next)
		})
		// H·A·H = A − v·wᵀ − w·vᵀ with w = p − ½τ(pᵀv)v and p = τ·A·v.
		v = next
		w = append(w[:0], tail...)
		floats.AddScaled(w, -0.5*tau*floats.Dot(tail, next), next)
	}
	return t
}

// update subtracts row i of v·wᵀ + w·vᵀ from r, which is as long as the end of that row.
func update(r, v, w []float64, i int) {
	if v == nil {
		return
	}
	from := len(v) - len(r)
	floats.AddScaled(r, -v[i], w[from:])
	floats.AddScaled(r, -w[i], v[from:])
}

// reflector returns v and τ with (I − τ·v·vᵀ)·x = (off, 0, … 0).
func reflector(x []float64) (v []float64, tau, off float64) {
	v = append([]float64(nil), x...)
	norm := floats.Norm(x, 2)
	if norm == math.Abs(x[0]) { // nothing beyond the first element
		return v, 0, x[0]
	}
	off = -math.Copysign(norm, x[0])
	v[0] = x[0] - off // no cancellation: the signs differ
	return v, 2 / floats.Dot(v, v), off
}

// back turns an eigenvector of T into one of A.
func (t *tridiagonal) back(z []float64) {
	for k := len(t.v) - 2; k >= 0; k-- {
		if tail := z[k+1:]; t.tau[k] != 0 {
			floats.AddScaled(tail, -t.tau[k]*floats.Dot(t.v[k], tail), t.v[k])
		}
	}
}

// inParallel calls do(0) … do(n-1) on all processors. do must not depend on the order.
func inParallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

// inParallelRows is inParallel for many cheap calls: a processor takes a run of them, and few are not worth a goroutine.
func inParallelRows(n int, do func(i int)) {
	const run = 64
	inParallel((n+run-1)/run, func(part int) {
		for i := part * run; i < min(n, (part+1)*run); i++ {
			do(i)
		}
	})
}
