// SPDX-License-Identifier: Apache-2.0

package bench

import "slices"

// mean is the arithmetic mean.
func mean(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total / float64(len(x))
}

// medianOf is the middle value, or the mean of the two in the middle.
func medianOf(x []float64) float64 {
	sorted := slices.Sorted(slices.Values(x))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// means are the means of each n numbers in a row, or of all where there are fewer.
func means(x []float64, n int) []float64 {
	n = min(n, len(x))
	var list []float64
	for i := range len(x) - n + 1 {
		list = append(list, mean(x[i:i+n]))
	}
	return list
}
