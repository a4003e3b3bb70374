// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"
	"testing"

	"vsim/vsimlib/backends/backendstest"
)

// TestLayoutOfGPU: a step that is laid out for a GPU, on rows and with its own gradients, has the losses and gradients of one
// that is not: up to rounding in float32, within the tolerance of golden cases in bfloat16.
func TestLayoutOfGPU(t *testing.T) {
	for _, dtype := range []string{"float32", "bfloat16"} {
		for _, layout := range []string{"model.keep_padding=true", "model.pooling=masked_mean"} {
			t.Run(dtype+"/"+layout, func(t *testing.T) {
				set := []string{"model.compute_dtype=" + dtype, "model.num_hidden_layers=2", layout}
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
