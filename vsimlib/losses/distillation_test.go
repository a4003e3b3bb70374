// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// TestE16Distillation: by hand, cosines 0.5, -0.25 and 0 of a teacher's 0.25, 0.25 and 0 have (1/16 + 1/4 + 0)/3; the gradient is
// that of central differences.
func TestE16Distillation(t *testing.T) {
	loss := func(x []*Node) *Node { return Distillation(Reshape(x[0], -1), x[1]) }
	check(t, 0.3125/3, loss, [][]float32{{0.5}, {-0.25}, {0}}, []float32{0.25, 0.25, 0})
}
