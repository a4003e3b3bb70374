// SPDX-License-Identifier: Apache-2.0

package rank

// Quantile of sorted values, linear between neighbours: type 7 of Hyndman and Fan (1996), the default of numpy and R.
func Quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
