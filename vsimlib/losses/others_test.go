// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"fmt"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/filetest"
)

// otherCase is a case of testdata/others.json, which make_others.py in the same folder makes with torch and scipy.
type otherCase struct {
	Loss          string
	Temperature   float64
	First, Second [][]float32
	Target        []float32
	Value         float64
	Pearson       float64
	Gradient      []float64 // with respect to first, before it is scaled to length one
}

func otherCases(t *testing.T, loss string) (cases []otherCase) {
	t.Helper()
	for _, c := range filetest.Cases[otherCase](t, "testdata/others.json", 8) {
		if c.Loss == loss {
			cases = append(cases, c)
		}
	}
	if len(cases) < 4 {
		t.Fatalf("%d cases of %s", len(cases), loss)
	}
	return cases
}

func (c otherCase) check(t *testing.T, loss lossFn, in ...any) {
	t.Helper()
	got, gradient := valueAndGradient(t, loss, in...)
	if d := math.Abs(got - c.Value); d > 3e-6*math.Max(1, math.Abs(c.Value)) {
		t.Errorf("loss %.8g, want %.8g", got, c.Value)
	}
	if len(gradient) != len(c.Gradient) {
		t.Fatalf("%d gradients, want %d", len(gradient), len(c.Gradient))
	}
	largest := 0.0
	for _, v := range c.Gradient {
		largest = math.Max(largest, math.Abs(v))
	}
	for i, want := range c.Gradient {
		if d := math.Abs(float64(gradient[i]) - want); d > 5e-6+2e-5*largest {
			t.Errorf("gradient %d is %g, want %g", i, gradient[i], want)
		}
	}
}

func unit(x *Node) *Node { return Div(x, L2Norm(x, -1)) }

func pearsonLoss(temperature float64) lossFn {
	return func(x []*Node) *Node {
		l, _ := SoftmaxPearson(unit(x[0]), unit(x[1]), x[2], temperature)
		return l
	}
}

func TestE12SoftmaxPearson(t *testing.T) {
	for _, c := range otherCases(t, "softmax_pearson") {
		t.Run(fmt.Sprint(len(c.First), c.Temperature), func(t *testing.T) {
			c.check(t, pearsonLoss(c.Temperature), c.First, c.Second, c.Target)
			if math.Abs(c.Value+c.Pearson) > 1e-3 { // the 1e-5 in the denominator
				t.Errorf("torch %g, scipy %g", c.Value, c.Pearson)
			}
		})
	}
}

// TestSoftmaxPearsonUndefined: where there is no correlation, loss and gradient are exactly 0. 0.7 is no float32, and a mean of
// them may be another.
func TestSoftmaxPearsonUndefined(t *testing.T) {
	first := [][]float32{{1, 2}, {-3, 1}, {2, 2}, {0.5, -1}, {1, 0.3}, {2, 7}, {-1, 4}}
	second := [][]float32{{2, 1}, {1, 3}, {0, 5}, {1.5, 1}, {1, 3}, {5, 1}, {3, 3}}
	constant, different := make([]float32, len(first)), make([]float32, len(first))
	for i := range constant {
		constant[i], different[i] = 0.7, float32(i)/10
	}
	for name, in := range map[string][]any{
		"one pair":            {first[:1], second[:1], different[1:2]},
		"the same labels":     {first, second, constant},
		"labels of 0":         {first, second, make([]float32, len(first))},
		"pairs of duplicates": {[][]float32{{0, 3}, {0, 2}, {0, 5}}, [][]float32{{0, 1}, {0, 2}, {0, 3}}, different[:3]},
	} {
		t.Run(name, func(t *testing.T) {
			got, gradient := valueAndGradient(t, pearsonLoss(0.2), in...)
			if got != 0 {
				t.Errorf("loss %g, want 0", got)
			}
			zeros(t, name, gradient)
		})
	}
}

func TestE13SimCSE(t *testing.T) {
	for _, c := range otherCases(t, "simcse") {
		t.Run(fmt.Sprint(len(c.First), c.Temperature), func(t *testing.T) {
			c.check(t, func(x []*Node) *Node { return SimCSE(unit(x[0]), unit(x[1]), c.Temperature) }, c.First, c.Second)
		})
	}
}

func cosentLoss(temperature float64) lossFn {
	return func(x []*Node) *Node {
		l, _ := CoSENT(unit(x[0]), unit(x[1]), x[2], temperature)
		return l
	}
}

// TestE14CoSENT has cases with ties and of one pair, which make_cosent.py makes with numpy.
func TestE14CoSENT(t *testing.T) {
	for _, c := range filetest.Cases[otherCase](t, "testdata/cosent.json", 6) {
		t.Run(fmt.Sprint(len(c.First), c.Temperature), func(t *testing.T) {
			c.check(t, cosentLoss(c.Temperature), c.First, c.Second, c.Target)
		})
	}
}

// TestCoSENTTies: pairs of equal labels have no order, so their cosines alone give neither loss nor gradient, exactly; and the sum
// over a pair that is wrong by far does not overflow.
func TestCoSENTTies(t *testing.T) {
	first := [][]float32{{1, 2}, {-3, 1}, {2, 2}}
	second := [][]float32{{2, 1}, {1, 3}, {0, 5}}
	for name, in := range map[string][]any{
		"one pair": {first[:1], second[:1], []float32{0.5}}, "the same labels": {first, second, []float32{0.7, 0.7, 0.7}},
	} {
		got, gradient := valueAndGradient(t, cosentLoss(0.05), in...)
		if got != 0 {
			t.Errorf("%s: loss %g, want 0", name, got)
		}
		zeros(t, name, gradient)
	}
	// Cosines 1 and −1, labels the other way round: log(1 + exp(2/0.001)) is 2000 to all digits.
	got, _ := valueAndGradient(t, cosentLoss(0.001), [][]float32{{1, 0}, {1, 0}}, [][]float32{{1, 0}, {-1, 0}}, []float32{0, 1})
	if math.Abs(got-2000) > 1e-2 {
		t.Errorf("loss %g, want 2000", got)
	}
}
