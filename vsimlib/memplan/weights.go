// SPDX-License-Identifier: Apache-2.0

package memplan

import (
	"slices"

	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
)

// tooMuch is more than any machine has, so that sums of a few such numbers still fit into an int64.
const tooMuch = 1 << 54

// times is the product of factors that are not negative, at most tooMuch.
func times(factors ...int64) int64 {
	if slices.Contains(factors, 0) {
		return 0
	}
	n := int64(1)
	for _, f := range factors {
		if n > tooMuch/f {
			return tooMuch
		}
		n *= f
	}
	return n
}

// weightsOf is how many numbers the used weights of a model have, and the largest of them, each at most tooMuch.
func weightsOf(c recipe.Model, used func(name string) bool) (n, largest int64) {
	for name, shape := range multimodal.Shapes(c) {
		if !used(name) {
			continue
		}
		size := int64(1)
		for _, d := range shape {
			size = times(size, int64(d))
		}
		n, largest = min(n+size, tooMuch), max(largest, size)
	}
	return n, largest
}
