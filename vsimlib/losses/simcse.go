// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// SimCSE is a pretraining loss of other teams (E13): a video, encoded a second time with other draws of dropout, must be found
// among all videos of the batch, by cosine over a temperature:
//
//	E13: L = 1/B Σ_b [log Σ_c exp(e_b·e'_c / τ) − e_b·e'_b / τ]
//
// first (e) and second (e') [B,D] have rows of length one; row b of both is the same video. In a batch of one it is 0.
//
// Source: Gao, Yao and Chen, arXiv 2104.08821, equation 4, with τ 0.05.
func SimCSE(first, second *Node, temperature float64) *Node {
	b := first.Shape().Dimensions[0]
	second.AssertDims(first.Shape().Dimensions...)
	logits := DivScalar(Einsum("bd,cd->bc", first, second), temperature)
	row := Iota(first.Graph(), shapes.Make(dtypes.Int32, b, 1), 0)
	same := Gather(logits, Concatenate([]*Node{row, row}, -1)) // [B]
	return ReduceAllMean(Sub(logSumExp(logits), same))
}
