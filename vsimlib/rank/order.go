// SPDX-License-Identifier: Apache-2.0

package rank

import (
	"cmp"
	"math"
	"slices"
)

// Sorting by digits of radixBits bits takes one pass over the values for each; few values are sorted by comparing them.
const (
	radixBits = 11
	radixFrom = 1 << radixBits
)

// keyed is the index of a value, with a key that is in the order of the values.
type keyed struct {
	key   uint64
	index int
}

// key maps values to integers in the same order; 0 and −0 have the same. Those of NaN are below or above all others.
func key(v float64) uint64 {
	bits := math.Float64bits(v + 0) // −0 + 0 is 0
	if bits>>63 == 1 {
		return ^bits
	}
	return bits | 1<<63
}

// order returns the values' keys in rising order.
func order(x []float64) []keyed {
	list := make([]keyed, len(x))
	for i, v := range x {
		list[i] = keyed{key(v), i}
	}
	if len(list) < radixFrom {
		slices.SortFunc(list, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
		return list
	}
	other := make([]keyed, len(list))
	for shift := 0; shift < 64; shift += radixBits {
		var next [1 << radixBits]int
		for _, k := range list {
			next[k.key>>shift%(1<<radixBits)]++
		}
		if next[list[0].key>>shift%(1<<radixBits)] == len(list) { // all have this digit
			continue
		}
		sum := 0
		for d, n := range next {
			next[d] = sum
			sum += n
		}
		for _, k := range list {
			d := k.key >> shift % (1 << radixBits)
			other[next[d]] = k
			next[d]++
		}
		list, other = other, list
	}
	return list
}
