// SPDX-License-Identifier: Apache-2.0

// Package gain is the law by which ensembles gain: the mean score of all sets of M out of K models is a + b/M.
//
// Where embeddings are concatenated with equal weights (E9), the cosine of M models is the mean of their cosines. Let e_i be the
// error of model i's cosine on a pair, bias included. The squared error of the mean of a set is Σ_ij e_i e_j / M², and over all
// sets of M models its mean is
//
//	(1/M) mean_i e_i² + (1 − 1/M) mean_{i≠j} e_i e_j = c + (v − c)/M
//
// with v the mean square of one error and c the mean product of two different ones. This is exact: however the members differ,
// the mean over all sets makes them exchangeable. Correlated errors (c > 0) make the whole gain smaller, v − c, and leave its
// shape: the M-th model brings 1/(M−1) − 1/M of it, the second a half, the third a sixth. Spearman's correlation falls about
// linearly with a small squared error, so that its means follow the law too, with b below zero.
//
// Sources: the error of an ensemble is the mean error less the mean ambiguity (Krogh and Vedelsby, "Neural network ensembles, cross
// validation, and active learning", NIPS 7, 1995); the form with variance and covariance is Ueda and Nakano's ("Generalization
// error of ensemble estimators", ICNN 1996).
package gain

import (
	"fmt"
	"math"
)

// Law is the score a + b/M of M models.
type Law struct {
	A        float64 // the score that ever more such models approach
	B        float64 // below zero where models gain by one another
	Residual float64 // the farthest that a mean is from the law
}

// Fit fits the law to the mean scores of sets of some sizes by least squares. It reports whether that is determined: there are at
// least two different sizes, all above zero.
func Fit(sizes []int, scores []float64) (Law, bool) {
	var x, y, xx, xy float64
	n := float64(len(sizes))
	for i, m := range sizes {
		if m < 1 {
			return Law{}, false
		}
		v := 1 / float64(m)
		x, y, xx, xy = x+v/n, y+scores[i]/n, xx+v*v/n, xy+v*scores[i]/n
	}
	spread := xx - x*x
	if !(spread > 1e-12) {
		return Law{}, false
	}
	l := Law{B: (xy - x*y) / spread}
	l.A = y - l.B*x
	for i, m := range sizes {
		l.Residual = max(l.Residual, math.Abs(scores[i]-l.At(m)))
	}
	return l, true
}

// At is the law's score of a number of models.
func (l Law) At(models int) float64 { return l.A + l.B/float64(models) }

// Formula writes the law with some decimals: "0.6000 − 0.1000/M".
func (l Law) Formula(decimals int) string {
	sign := "+"
	if l.B < 0 {
		sign = "−"
	}
	return fmt.Sprintf("%.*f %s %.*f/M", decimals, l.A, sign, decimals, math.Abs(l.B))
}

// Share is the part of the whole gain over one model that the law has the M-th model bring, M > 1.
func Share(models int) float64 { return 1/float64(models-1) - 1/float64(models) }
