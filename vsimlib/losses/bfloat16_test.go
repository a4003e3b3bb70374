// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// TestBFloat16 compares losses of logits in bfloat16 with those of the same numbers in float32: the losses are equal, since both
// compute in float32, and the gradients up to the 7 bits of bfloat16. The losses may multiply, so all numbers are eighths.
func TestBFloat16(t *testing.T) {
	logits := [][]float32{{0.5, -1.25, 2}, {0.25, 3.5, -1}}
	frames := [][]float32{{1.5, -0.25, 2}, {0.125, 1, -1}, {0.75, 0.5, -2}, {4, -4, 4}}
	positions, weights := []int32{2, 0}, []float32{1, 1}
	for name, c := range map[string]struct {
		loss lossFn
		rest []any
	}{
		"E1": {func(x []*Node) *Node { return TagBCE(x[0], x[1], x[2]) }, []any{[][]int32{{0, 2}, {2, -1}}, weights}},
		"E2": {func(x []*Node) *Node { return MaskedLM(x[0], x[1], x[2]) }, []any{positions, weights}},
		"E3": {func(x []*Node) *Node { return FrameNCE(x[0], x[1], x[2], x[3], x[4]) },
			[]any{frames, []float32{1, 1, 1, 0}, positions, weights}},
	} {
		t.Run(name, func(t *testing.T) {
			rest := append([]any{logits}, c.rest...)
			want, slopes := valueAndGradient(t, c.loss, rest...)
			got, gradient := valueAndGradient(t, func(x []*Node) *Node {
				return c.loss(append([]*Node{ConvertDType(x[0], dtypes.BFloat16)}, x[1:]...))
			}, rest...)
			if math.Abs(got-want) > 1e-6*want {
				t.Errorf("loss %g, in float32 %g", got, want)
			}
			for i := range slopes {
				if d := math.Abs(float64(gradient[i] - slopes[i])); d > 0.02 {
					t.Errorf("slope %d: %g, in float32 %g", i, gradient[i], slopes[i])
				}
			}
		})
	}
}
