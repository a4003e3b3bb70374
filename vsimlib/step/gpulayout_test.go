// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
)

// TestLayoutOfGPU: a step that is laid out for a GPU, on rows and with its own gradients, has the losses and gradients of one
// that is not: up to rounding in float32, within the tolerance of golden cases in bfloat16. Dropout draws otherwise on a GPU, so
// there is none; it has tests of its own in package bert.
func TestLayoutOfGPU(t *testing.T) {
	for _, dtype := range []string{"float32", "bfloat16"} {
		for _, layout := range []string{"model.keep_padding=true", "model.pooling=masked_mean"} {
			t.Run(dtype+"/"+layout, func(t *testing.T) {
				set := []string{"model.compute_dtype=" + dtype, "model.num_hidden_layers=2", layout,
					"model.hidden_dropout_prob=0", "model.attention_probs_dropout_prob=0"}
				tol, scale := 1e-5, 1e-3
				if dtype == "bfloat16" {
					tol, scale = tolerances[dtype].grad, 0.1
				}
				f := newFixture(t, set...)
				want, nodes := f.gradients(t, backendstest.Go(t), false)
				f = newFixture(t, set...)
				got, others := f.gradients(t, backendstest.AsCUDA(backendstest.Go(t)), false)
				if nodes == others {
					t.Error("both graphs have the same number of nodes")
				}
				for i := range want {
					limit := tol * max(maxAbs(want[i]), scale)
					for j := range want[i] {
						if d := math.Abs(float64(got[i][j] - want[i][j])); !(d <= limit) {
							t.Fatalf("result %d[%d]: %g as on a GPU, %g otherwise, limit %g", i, j, got[i][j], want[i][j], limit)
						}
					}
				}
			})
		}
	}
}

// TestSlopeOfGPU: the gradients of a step that is laid out for a GPU, dropout included, are the slope of its loss: where the
// weights of the layers move along them, the loss changes by their length.
func TestSlopeOfGPU(t *testing.T) {
	f := newFixture(t, "model.hidden_dropout_prob=0.2", "model.attention_probs_dropout_prob=0.2")
	backend := backendstest.AsCUDA(backendstest.Go(t))
	list, _ := f.gradients(t, backend, false)
	gradients, square := map[*model.Variable][]float32{}, 0.0
	for i, v := range f.weights {
		if strings.Contains(v.Path(), "bert.encoder.layer") {
			gradients[v] = list[1+i]
			for _, x := range list[1+i] {
				square += float64(x) * float64(x)
			}
		}
	}
	length, step := math.Sqrt(square), 1e-4
	move := func(distance float64) (loss float64) {
		for v, gradient := range gradients {
			values := flat(t, v.MustValue())
			for j := range values {
				values[j] += float32(distance / length * float64(gradient[j]))
			}
			if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
				t.Fatal(err)
			}
		}
		moved, _ := f.gradients(t, backend, false)
		return float64(moved[0][0])
	}
	high := move(step)
	if slope := (high - move(-2*step)) / (2 * step); len(gradients) < 10 || math.Abs(slope/length-1) > 0.01 {
		t.Errorf("the loss rises by %g, the gradient by %d weights is %g long", slope, len(gradients), length)
	}
}
