// SPDX-License-Identifier: Apache-2.0

package rank

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestInfluence: the numbers of an implementation in numpy 2 that compares all pairs of values, with ties on both sides.
func TestInfluence(t *testing.T) {
	x := []float64{-.8, -.5, 1, 1, 2.1, .6, .2, 1.4, .8, .1, .6, .3}
	y := []float64{0, .25, .25, .5, 1, 0, .75, .75, .5, 0, 1, .25}
	want := []float64{.933121847964, .160213079642, -.572402224916, -.02512035967, 1.008070577013, -.615341600934, -1.117428535871,
		.47132837679, -.151292575469, .675485591857, -.798029127992, .031394951588}
	got, err := Influence(x, y)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-11 {
			t.Errorf("pair %d: %.12g, want %.12g", i, got[i], want[i])
		}
	}
	if _, err := Influence(x, y[1:]); err == nil {
		t.Error("sides of unequal length are taken")
	}
}

// TestInfluenceIsJackknife: leaving a pair out changes the correlation by its influence over n-1, up to terms of the order 1/n².
func TestInfluenceIsJackknife(t *testing.T) {
	draw := rand.New(rand.NewPCG(9, 9))
	const n = 400
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = math.Round(10*draw.NormFloat64()) / 10
		y[i] = math.Round(2*(x[i]+draw.NormFloat64())) / 2
	}
	psi, err := Influence(x, y)
	if err != nil {
		t.Fatal(err)
	}
	rho, err := Spearman(x, y)
	if err != nil {
		t.Fatal(err)
	}
	mean := 0.
	for i, v := range psi {
		mean += v / n
		a, b := append(append([]float64(nil), x[:i]...), x[i+1:]...), append(append([]float64(nil), y[:i]...), y[i+1:]...)
		without, err := Spearman(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if jackknife := (n - 1) * (rho - without); math.Abs(jackknife-v) > .01 {
			t.Fatalf("pair %d: influence %g, jackknife %g", i, v, jackknife)
		}
	}
	if math.Abs(mean) > 1e-12 {
		t.Errorf("mean %g", mean)
	}
}
