// SPDX-License-Identifier: Apache-2.0

package dense

// group is the number of rows that the functions below read at once.
const group = 4

// lanes is the multiple of elements that dot4, add4 and both4 take.
const lanes = 4

// DotRows writes into out the dot products of x with rows that are stride elements apart, each as long as x.
func DotRows(out, rows []float64, stride int, x []float64) {
	whole := len(x) &^ (lanes - 1)
	if len(out) > 0 {
		_ = rows[:(len(out)-1)*stride+len(x)] // the vectors check no bounds
	}
	for r := 0; r < len(out); r += group {
		var sums [group]float64
		if r+group <= len(out) && whole > 0 && vectors {
			dot4(&rows[r*stride], stride, &x[0], whole, &sums)
			for i := range sums {
				sums[i] += dot(rows[(r+i)*stride+whole:][:len(x)-whole], x[whole:])
			}
		} else {
			for i := range min(group, len(out)-r) {
				sums[i] = dot(rows[(r+i)*stride:][:len(x)], x)
			}
		}
		copy(out[r:], sums[:])
	}
}

// AddRows adds to y the rows times their factors.
func AddRows(y, rows []float64, stride int, factors []float64) {
	whole := len(y) &^ (lanes - 1)
	if len(factors) > 0 {
		_ = rows[:(len(factors)-1)*stride+len(y)]
	}
	for r := 0; r < len(factors); r += group {
		if r+group <= len(factors) && whole > 0 && vectors {
			add4(&rows[r*stride], stride, &y[0], whole, (*[group]float64)(factors[r:]))
			for i, f := range factors[r : r+group] {
				addScaled(y[whole:], rows[(r+i)*stride+whole:], f)
			}
			continue
		}
		for i, f := range factors[r:min(r+group, len(factors))] {
			addScaled(y, rows[(r+i)*stride:], f)
		}
	}
}

// Symmetric writes A·x into y, with A [n,n] symmetric, its rows stride elements apart, of which it reads the elements on and above
// the diagonal alone, each once.
func Symmetric(y, a []float64, stride int, x []float64) {
	n := len(x)
	if n > 0 {
		_, _ = y[n-1], a[(n-1)*stride+n-1]
	}
	clear(y)
	i := 0
	for ; vectors && i+group+lanes <= n; i += group {
		triangle(y[i:i+group], a[i*stride+i:], stride, x[i:i+group])
		from := i + group
		whole := (n - from) &^ (lanes - 1)
		var sums [group]float64
		both4(&a[i*stride+from], stride, &x[from], &y[from], whole, (*[group]float64)(x[i:]), &sums)
		for r := range group {
			end := a[(i+r)*stride+from+whole:][:n-from-whole]
			y[i+r] += sums[r] + dot(end, x[from+whole:])
			addScaled(y[from+whole:n], end, x[i+r])
		}
	}
	triangle(y[i:n], a[min(len(a), i*stride+i):], stride, x[i:])
}

// triangle adds A·x to y without vectors.
func triangle(y, a []float64, stride int, x []float64) {
	for i, v := range x {
		row := a[i*stride:][:len(x)]
		y[i] += row[i]*v + dot(row[i+1:], x[i+1:])
		addScaled(y[i+1:], row[i+1:], v)
	}
}

func dot(a, b []float64) float64 {
	sum := 0.
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func addScaled(y, x []float64, factor float64) {
	for i := range y {
		y[i] += factor * x[i]
	}
}
