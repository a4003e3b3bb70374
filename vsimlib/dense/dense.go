// SPDX-License-Identifier: Apache-2.0

// Package dense multiplies dense matrices in float32 and float64, with kernels for AVX2 and AVX-512 where the CPU has them: gonum's
// use vectors of 16 bytes and reach a tenth of the speed.
package dense

import (
	"fmt"
	"unsafe"
)

// Number is an element of a matrix.
type Number interface{ float32 | float64 }

// kernel is a product of small fixed size, its operands in a core's cache: C[height,width] += A[height,depth]·B[depth,width].
type kernel[T Number] struct {
	name          string
	height, width int // width is a multiple of height
	// add works on C with rows ldc apart, A with rows rs and columns cs apart, B without gaps. All distances are in elements.
	add func(c *T, ldc int, a *T, rs, cs int, b *T, depth int)
}

// kernels are those that this CPU can run, the fastest first.
var (
	kernels32 = append(fast32(), plain[float32]())
	kernels64 = append(fast64(), plain[float64]())
)

// best is the fastest kernel.
func best[T Number]() *kernel[T] {
	if list, ok := any(kernels32).([]*kernel[T]); ok {
		return list[0]
	}
	return any(kernels64).([]*kernel[T])[0]
}

// Panels is a matrix [Rows,Columns] in the order in which a kernel reads it: panels of a few columns, each with its rows one after
// the other. The last panel is filled up with zeros.
type Panels[T Number] struct {
	Rows, Columns int

	kernel *kernel[T]
	data   []T
}

// Pack copies b [rows,columns], with rows that are stride elements apart. The panels may be those of an earlier call, to use their
// memory again, or nil.
func Pack[T Number](p *Panels[T], b []T, stride, rows, columns int) *Panels[T] {
	p = p.resize(rows, columns)
	width := p.kernel.width
	for first := 0; first < columns; first += width {
		n, panel := min(width, columns-first), p.panel(first/width)
		for i := range rows {
			copy(panel[i*width:], b[i*stride+first:][:n])
		}
	}
	return p
}

// PackTransposed is Pack of the transpose of b [columns,rows].
func PackTransposed[T Number](p *Panels[T], b []T, stride, rows, columns int) *Panels[T] {
	p = p.resize(rows, columns)
	width := p.kernel.width
	for j := range columns {
		panel := p.panel(j / width)[j%width:]
		for i, v := range b[j*stride:][:rows] {
			panel[i*width] = v
		}
	}
	return p
}

func (p *Panels[T]) resize(rows, columns int) *Panels[T] {
	if p == nil {
		p = &Panels[T]{kernel: best[T]()}
	}
	p.Rows, p.Columns = rows, columns
	size := p.count() * rows * p.kernel.width
	if cap(p.data) < size {
		p.data = make([]T, size)
	}
	p.data = p.data[:size]
	if columns%p.kernel.width != 0 {
		clear(p.panel(p.count() - 1))
	}
	return p
}

// count is the number of panels.
func (p *Panels[T]) count() int { return (p.Columns + p.kernel.width - 1) / p.kernel.width }

func (p *Panels[T]) panel(i int) []T {
	size := p.Rows * p.kernel.width
	return p.data[i*size : (i+1)*size]
}

// Add adds A·B to C [rows,b.Columns], with A [rows,b.Rows]; ldc and lda are the distances of their rows. An element's terms are
// summed in the same order in whatever row it is, so equal rows of A give equal rows.
func Add[T Number](c []T, ldc int, a []T, lda, rows int, b *Panels[T]) {
	if rows == 0 || b.Rows == 0 || b.Columns == 0 {
		return
	}
	_, _ = c[(rows-1)*ldc+b.Columns-1], a[(rows-1)*lda+b.Rows-1] // kernels check no bounds
	k := b.kernel
	var t tile[T]
	for p := range b.count() {
		panel, column := b.panel(p), p*k.width
		for i := 0; i < rows; i += k.height {
			height, width := min(k.height, rows-i), min(k.width, b.Columns-column)
			if height < k.height || width < k.width {
				t.add(k, c[i*ldc+column:], ldc, height, width, a[i*lda:], lda, panel, b.Rows)
				continue
			}
			k.add(&c[i*ldc+column], ldc, &a[i*lda], lda, 1, &panel[0], b.Rows)
		}
	}
}

// tile has room for a product that reaches beyond the edge of C or A.
type tile[T Number] struct{ c, a []T }

// add is kernel.add for the first rows and columns of it alone.
func (t *tile[T]) add(k *kernel[T], c []T, ldc, rows, columns int, a []T, lda int, b []T, depth int) {
	if len(t.c) == 0 {
		t.c, t.a = make([]T, k.height*k.width), make([]T, k.height*depth)
	}
	clear(t.c)
	clear(t.a)
	for i := range rows {
		copy(t.a[i*depth:(i+1)*depth], a[i*lda:])
	}
	k.add(&t.c[0], k.width, &t.a[0], depth, 1, &b[0], depth)
	t.emit(k, c, ldc, rows, columns)
}

func (t *tile[T]) emit(k *kernel[T], c []T, ldc, rows, columns int) {
	for i := range rows {
		for j, v := range t.c[i*k.width:][:columns] {
			c[i*ldc+j] += v
		}
	}
}

// Strips is the number of calls of AddUpper that make a product of such panels.
func (p *Panels[T]) Strips() int { return p.count() }

// AddUpper adds a strip of Aᵀ·B to C [n,n], where A and B [rows,n] have the same size: a few rows of C, on and above the diagonal.
// Elements below it are not defined afterwards. Strips may be added in parallel.
func AddUpper[T Number](c []T, ldc int, a, b *Panels[T], strip int) {
	k, n := b.kernel, b.Columns
	if a.Rows != b.Rows || a.Columns != n {
		panic(fmt.Sprintf("dense: panels of %d by %d and of %d by %d", a.Rows, a.Columns, b.Rows, n))
	}
	if b.Rows == 0 || n == 0 {
		return
	}
	_ = c[(n-1)*ldc+n-1]
	var t tile[T]
	left := a.panel(strip)
	for row := strip * k.width; row < min(n, (strip+1)*k.width); row += k.height {
		from := &left[row-strip*k.width]
		for p := strip; p < b.count(); p++ {
			column := p * k.width
			if column+k.width <= n && row+k.height <= n {
				k.add(&c[row*ldc+column], ldc, from, 1, k.width, &b.panel(p)[0], b.Rows)
				continue
			}
			if len(t.c) == 0 {
				t.c = make([]T, k.height*k.width)
			}
			clear(t.c)
			k.add(&t.c[0], k.width, from, 1, k.width, &b.panel(p)[0], b.Rows)
			t.emit(k, c[row*ldc+column:], ldc, min(k.height, n-row), min(k.width, n-column))
		}
	}
}

// plain is the kernel of every CPU. Its sums are variables, so that they stay in registers.
func plain[T Number]() *kernel[T] {
	const height, width = 4, 4
	return &kernel[T]{"Go", height, width, func(c *T, ldc int, a *T, rs, cs int, b *T, depth int) {
		left, right := elements(a, (height-1)*rs+(depth-1)*cs+1), elements(b, depth*width)
		out := elements(c, (height-1)*ldc+width)
		for i := 0; i < height; i += 2 {
			var s0, s1, s2, s3, t0, t1, t2, t3 T
			for d := range depth {
				x, y, row := left[i*rs+d*cs], left[(i+1)*rs+d*cs], (*[width]T)(right[d*width:])
				s0 += x * row[0]
				s1 += x * row[1]
				s2 += x * row[2]
				s3 += x * row[3]
				t0 += y * row[0]
				t1 += y * row[1]
				t2 += y * row[2]
				t3 += y * row[3]
			}
			for r, sums := range [2][width]T{{s0, s1, s2, s3}, {t0, t1, t2, t3}} {
				row := out[(i+r)*ldc:]
				for j, v := range sums {
					row[j] += v
				}
			}
		}
	}}
}

// elements are those from first on.
func elements[T Number](first *T, n int) []T { return unsafe.Slice(first, n) }
