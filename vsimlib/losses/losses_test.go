// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends/backendstest"
)

// lossFn builds a loss of the first input; the others are fixed.
type lossFn func(x []*Node) *Node

// compiled returns a loss and its gradient with respect to the first input as a function, on XLA:CPU.
func compiled(t *testing.T, loss lossFn) func(in ...any) (float64, []float32) {
	t.Helper()
	exec, err := NewExec(backendstest.Backend(t), func(x []*Node) []*Node {
		l := loss(x)
		l.AssertScalar()
		return []*Node{l, Gradient(l, x[0])[0]}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return func(in ...any) (float64, []float32) { return call(t, exec, in...) }
}

// valueAndGradient runs it once.
func valueAndGradient(t *testing.T, loss lossFn, in ...any) (float64, []float32) {
	t.Helper()
	return compiled(t, loss)(in...)
}

func call(t *testing.T, exec *Exec, in ...any) (float64, []float32) {
	t.Helper()
	out, err := exec.Call(in...)
	if err != nil {
		t.Fatal(err)
	}
	gradient, err := tensors.CopyFlatData[float32](out[1])
	if err != nil {
		t.Fatal(err)
	}
	return float64(tensors.ToScalar[float32](out[0])), gradient
}

// check compares a loss with a stored value and its gradient with central differences.
func check(t *testing.T, want float64, loss lossFn, x [][]float32, rest ...any) {
	t.Helper()
	run := compiled(t, loss)
	value := func(x [][]float32) float64 {
		v, _ := run(append([]any{x}, rest...)...)
		return v
	}
	got, gradient := run(append([]any{x}, rest...)...)
	if math.Abs(got-want) > 2e-6*math.Max(1, math.Abs(want)) {
		t.Errorf("loss %.8g, want %.8g", got, want)
	}
	const h = 1e-2
	k := 0
	for i := range x {
		for j := range x[i] {
			at := x[i][j]
			x[i][j] = at + h
			up := value(x)
			x[i][j] = at - h
			down := value(x)
			x[i][j] = at
			slope := (up - down) / (2 * h)
			if d := math.Abs(slope - float64(gradient[k])); d > 2e-3*math.Max(1, math.Abs(slope)) {
				t.Errorf("d loss / d x[%d][%d] = %g, differences give %g", i, j, gradient[k], slope)
			}
			k++
		}
	}
}

func zeros(t *testing.T, what string, values []float32) {
	t.Helper()
	for i, v := range values {
		if v != 0 {
			t.Fatalf("%s: gradient %d is %g, want 0", what, i, v)
		}
	}
}

// The wanted values of this file are torch 2.9.1's, in float64 (binary_cross_entropy_with_logits, cross_entropy, log_softmax,
// mse_loss of normalised rows).

func TestE1TagBCE(t *testing.T) {
	loss := func(x []*Node) *Node { return TagBCE(x[0], x[1], x[2]) }
	logits := [][]float32{{0.5, -1.25, 2}, {0.25, 3.5, -1}}
	tags := [][]int32{{0, 2, -1, -1}, {2, -1, -1, -1}}
	t.Run("both", func(t *testing.T) {
		check(t, 1.0869809337063565, loss, logits, tags, []float32{1, 1})
	})
	t.Run("one untagged", func(t *testing.T) {
		check(t, 0.2843113588561507, loss, logits, tags, []float32{1, 0})
	})
	t.Run("large logits", func(t *testing.T) {
		got, gradient := valueAndGradient(t, loss, [][]float32{{0.5, -1.25, 2}, {0, 3.5, -40}}, tags, []float32{1, 1})
		if math.Abs(got-7.512638612566836) > 1e-5 {
			t.Errorf("loss %g", got)
		}
		if g := float64(gradient[3]); math.Abs(g-0.5/6) > 1e-7 {
			t.Errorf("gradient at logit 0 is %g, want sigmoid(0)/6", g)
		}
	})
	t.Run("no video counts", func(t *testing.T) {
		got, gradient := valueAndGradient(t, loss, logits, tags, []float32{0, 0})
		if got != 0 {
			t.Errorf("loss %g, want 0", got)
		}
		zeros(t, "no video", gradient)
	})
}

func TestE2MaskedLM(t *testing.T) {
	loss := func(x []*Node) *Node { return MaskedLM(x[0], x[1], x[2]) }
	labels := []int32{2, 3, 0}
	filler := []float32{1, 1, 0}
	got, _ := valueAndGradient(t, loss, [][]float32{{1, 2, 3, 0.5}, {100, -100, 0, 7}, {0.1, 0.2, 0.3, 0.4}}, labels, filler)
	if math.Abs(got-46.730386744578425) > 1e-5*46 {
		t.Errorf("loss %g", got)
	}
	// One row; the filler's row must not matter.
	check(t, 0.46077348915685, loss, [][]float32{{1, 2, 3, 0.5}, {5, 1, 2, 3}}, []int32{2, 0}, []float32{1, 0})
	value, gradient := valueAndGradient(t, loss, [][]float32{{1, 2}, {3, 4}}, []int32{0, 0}, []float32{0, 0})
	if value != 0 {
		t.Errorf("nothing masked: loss %g, want 0", value)
	}
	zeros(t, "nothing masked", gradient)
}

func TestE3FrameNCE(t *testing.T) {
	keys := [][]float32{{1, 0.5}, {-0.3, 2}, {0.7, 0.7}, {5, 5}}
	real := []int32{1, 1, 1, 0}
	loss := func(x []*Node) *Node { return FrameNCE(x[0], x[1], x[2], x[3], x[4]) }
	predictions := [][]float32{{0.2, -0.4}, {1.5, 1}, {9, 9}}
	check(t, 1.4109712956538192, loss, predictions, keys, real, []int32{1, 2, 0}, []float32{1, 1, 0})
	value, gradient := valueAndGradient(t, loss, predictions, keys, real, []int32{1, 2, 0}, []float32{0, 0, 0})
	if value != 0 {
		t.Errorf("nothing masked: loss %g, want 0", value)
	}
	zeros(t, "nothing masked", gradient)
}

func TestE4Sum(t *testing.T) {
	got, gradient := valueAndGradient(t, func(x []*Node) *Node {
		part := func(x *Node, i int) *Node { return Squeeze(Slice(x, AxisElem(i))) }
		w := x[1]
		return Sum([]*Node{part(x[0], 0), part(x[0], 1), part(x[0], 2), part(x[0], 2)}, []*Node{part(w, 0), part(w, 1), part(w, 2), nil})
	}, []float32{0.03, 6, 9}, []float32{1250. / 3, 1 / 3.75, 1. / 9})
	if want := 12.5 + 1.6 + 1; math.Abs(got-want) > 1e-5 {
		t.Errorf("sum %g, want %g", got, want)
	}
	if math.Abs(float64(gradient[0])-1250./3) > 1e-3 {
		t.Errorf("tag weight %g", gradient[0])
	}
}

func TestE6CosineMSE(t *testing.T) {
	unit := func(x *Node) *Node { return Div(x, L2Norm(x, -1)) }
	loss := func(x []*Node) *Node {
		l, _ := CosineMSE(unit(x[0]), unit(x[1]), x[2])
		return l
	}
	check(t, 0.04095432098765431, loss, [][]float32{{1, 2, 2}, {0, 3, 4}}, [][]float32{{2, -1, 2}, {0, 4, 3}}, []float32{0.25, 0.75})
}
