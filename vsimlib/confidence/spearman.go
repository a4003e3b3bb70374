// SPDX-License-Identifier: Apache-2.0

package confidence

import (
	"math"

	"vsim/vsimlib/rank"
)

// Spearman is Spearman's correlation of the values of pairs with their labels, and its standard error, where pairs that share a
// video depend on each other. Both must be sides of a correlation (rank.Check).
func Spearman(values, labels []float64, pairs *Pairs) (rho, standardError float64, err error) {
	if rho, err = rank.Spearman(values, labels); err != nil {
		return 0, 0, err
	}
	influence, err := rank.Influence(values, labels)
	if err != nil {
		return 0, 0, err
	}
	return rho, math.Sqrt(pairs.Variance(influence)), nil
}
