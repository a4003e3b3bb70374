// SPDX-License-Identifier: Apache-2.0

package confidence

import "slices"

// Holm adjusts the p-values of a family of comparisons, so that rejecting those of at most α errs in any with a probability
// of at most α:
//
//	p'_(k) = max_{j ≤ k} min(1, (m−j+1)·p_(j)),   p_(1) ≤ … ≤ p_(m)
//
// Source: Holm, A simple sequentially rejective multiple test procedure (Scandinavian Journal of Statistics 6, 1979).
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	out, largest := make([]float64, len(p)), 0.
	for k, i := range order {
		largest = max(largest, min(1, float64(len(p)-k)*p[i]))
		out[i] = largest
	}
	return out
}
