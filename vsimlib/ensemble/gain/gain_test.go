// SPDX-License-Identifier: Apache-2.0

package gain

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestFit compares with numpy 2.4.6: numpy.linalg.lstsq of the columns 1 and 1/M.
func TestFit(t *testing.T) {
	for name, c := range map[string]struct {
		sizes  []int
		scores []float64
		want   Law
	}{
		"controlled corpus": {[]int{1, 2, 3, 4, 5, 6}, []float64{.605176, .633623, .644253, .649748, .653111, .655391},
			Law{0.6647534138613862, -0.06008917680339395, 0.0010858254596891603}},
		"emoji": {[]int{1, 2, 3, 4, 5, 6}, []float64{.626031, .645842, .652853, .656451, .65863, .659976},
			Law{0.6666032976897692, -0.040749708628005366, 0.0003864433757665431}},
		"published, not of four": {[]int{1, 2, 3, 5, 6}, []float64{.836, .845, .849, .852, .852},
			Law{0.8554493731918997, -0.019657666345227084, 0.000620540019286242}},
		"no law": {[]int{1, 2, 3, 5}, []float64{.5, .61, .64, .66},
			Law{0.7058956916099773, -0.20340136054421779, 0.005804988662131527}},
	} {
		got, ok := Fit(c.sizes, c.scores)
		far := max(math.Abs(got.A-c.want.A), math.Abs(got.B-c.want.B), math.Abs(got.Residual-c.want.Residual))
		if !ok || far > 1e-12 {
			t.Errorf("%s: %+v, %t, want %+v", name, got, ok, c.want)
		}
	}
	for name, sizes := range map[string][]int{"nothing": nil, "one size": {3}, "one size often": {3, 3, 3}, "no models": {0, 1}} {
		if got, ok := Fit(sizes, make([]float64, len(sizes))); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestFormula by hand, of both signs.
func TestFormula(t *testing.T) {
	for want, l := range map[string]Law{"0.6000 − 0.1000/M": {A: .6, B: -.1}, "0.5000 + 0.0250/M": {A: .5, B: .025}} {
		if got := l.Formula(4); got != want {
			t.Errorf("%+v is %q, want %q", l, got, want)
		}
	}
}

// TestShare by hand: a half, a sixth, a twelfth, which are 1 together.
func TestShare(t *testing.T) {
	sum := 0.
	for m := 2; m < 1000; m++ {
		sum += Share(m)
	}
	if Share(2) != .5 || math.Abs(Share(3)-1./6) > 1e-15 || math.Abs(sum-1) > 1.1e-3 {
		t.Errorf("%g %g, together %g", Share(2), Share(3), sum)
	}
}

// TestLawIsExact: the squared error of the mean of M correlated, biased errors of unlike sizes, its mean over all sets of M,
// follows the law to the last digits.
func TestLawIsExact(t *testing.T) {
	const models, pairs = 6, 50
	random := rand.New(rand.NewPCG(1, 2))
	var errors [models][pairs]float64
	for p := range pairs {
		common := random.NormFloat64()
		for i := range models {
			errors[i][p] = .3*common + float64(i)*(.1+random.NormFloat64())
		}
	}
	var sizes []int
	var means []float64
	for m := 1; m <= models; m++ {
		sum, sets := 0., 0.
		for set := range 1 << models {
			var chosen []int
			for i := range models {
				if set>>i&1 == 1 {
					chosen = append(chosen, i)
				}
			}
			if len(chosen) != m {
				continue
			}
			sets++
			for p := range pairs {
				mean := 0.
				for _, i := range chosen {
					mean += errors[i][p] / float64(m)
				}
				sum += mean * mean / pairs
			}
		}
		sizes, means = append(sizes, m), append(means, sum/sets)
	}
	if law, ok := Fit(sizes, means); !ok || law.Residual > 1e-12 || law.B < 1 {
		t.Errorf("%+v, %t", law, ok)
	}
}
