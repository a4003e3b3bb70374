// SPDX-License-Identifier: Apache-2.0

package rank

import "math"

// Influence returns how far each of n pairs moves Spearman's correlation ρ of x and y: n times the change of ρ, to first order,
// when the pair's share of the sample grows by 1/n. The list has the mean 0. The variance of ρ is that of the list's mean, with
// whatever dependence the pairs have. x and y must be sides of a correlation (Check).
//
// With u = (r−(n+1)/2)/n, r = Average(x), v likewise of y, and ρ = c/√(a·b), c = mean uv, a = mean u², b = mean v²:
//
//	ψ_i = C_i/√(a·b) − ρ/2·(A_i/a + B_i/b)
//	C_i = u_i v_i + above(x_i; v) + above(y_i; u) − 3c,   A_i = u_i² + 2 above(x_i; u) − 3a,   B_i likewise
//	above(x_i; w) = 1/n · (Σ_{x_j > x_i} w_j + ½ Σ_{x_j = x_i} w_j)
//
// above is what pair i adds to the ranks of the others. Source: Croux and Dehon, Influence functions of the Spearman and Kendall
// correlation measures (Statistical Methods and Applications 19, 2010), here for ties and on the sample itself.
func Influence(x, y []float64) ([]float64, error) {
	if err := checkSides(x, y); err != nil {
		return nil, err
	}
	u, v := centred(x), centred(y)
	c, a, b := meanProduct(u, v), meanProduct(u, u), meanProduct(v, v)
	rho, root := c/math.Sqrt(a*b), math.Sqrt(a*b)
	xv, yu, xu, yv := above(x, v), above(y, u), above(x, u), above(y, v)
	out := make([]float64, len(x))
	for i := range out {
		ci := u[i]*v[i] + xv[i] + yu[i] - 3*c
		ai := u[i]*u[i] + 2*xu[i] - 3*a
		bi := v[i]*v[i] + 2*yv[i] - 3*b
		out[i] = ci/root - rho/2*(ai/a+bi/b)
	}
	return out, nil
}

// centred are the ranks, as parts of the number of values, with the mean 0.
func centred(x []float64) []float64 {
	r, n := Average(x), float64(len(x))
	for i := range r {
		r[i] = (r[i] - (n+1)/2) / n
	}
	return r
}

func meanProduct(a, b []float64) float64 {
	sum := 0.
	for i, v := range a {
		sum += v * b[i]
	}
	return sum / float64(len(a))
}

// above is, for each value of x, the sum of the weights of the values above it and of half of those equal to it, over their number.
func above(x, weights []float64) []float64 {
	rest := 0.
	for _, w := range weights {
		rest += w
	}
	out := make([]float64, len(x))
	for _, group := range tieGroups(x) {
		equal := 0.
		for _, i := range group {
			equal += weights[i]
		}
		rest -= equal
		for _, i := range group {
			out[i] = (rest + equal/2) / float64(len(x))
		}
	}
	return out
}
