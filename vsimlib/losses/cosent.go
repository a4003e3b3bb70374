// SPDX-License-Identifier: Apache-2.0

package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// CoSENT is a finetuning loss from elsewhere (E14). Of any two pairs of the batch, the one with the higher label should have the
// higher cosine; the loss grows with the differences that have the wrong sign, and hardly depends on those that are large and
// right. Pairs of equal labels are not compared. It is not a mean over pairs: the losses of parts of a batch do not add up to it.
//
//	E14: L = log [1 + Σ_{y_i > y_j} exp((c_j − c_i) / τ)],  c_b = e1_b·e2_b
//
// first (e1) and second (e2) [B,D] have rows of length one; target (y) [B]. It returns the loss and the cosines (c) [B]. Where all
// labels of the batch are equal, as in a batch of one pair, loss and gradient are 0.
//
// Source: Su Jianlin, kexue.fm/archives/8847; CoSENTLoss of sentence-transformers, with scale 1/τ = 20.
func CoSENT(first, second, target *Node, temperature float64) (loss, cosine *Node) {
	cosine = ReduceSum(Mul(first, second), -1)
	target.AssertDims(cosine.Shape().Dimensions...)
	s := DivScalar(cosine, temperature)
	difference := Sub(InsertAxes(s, 0), InsertAxes(s, 1))                 // [B,B]: s_j − s_i in row i
	compared := GreaterThan(InsertAxes(target, 1), InsertAxes(target, 0)) // y_i > y_j
	difference = Where(compared, difference, ConstAs(difference, -1e30))  // exp is 0
	one := Zeros(s.Graph(), shapes.Make(dtypes.Float32, 1, 1))            // the logarithm of 1
	all := Concatenate([]*Node{one, Reshape(difference, 1, -1)}, 1)       // [1,1+B·B]
	return Squeeze(logSumExp(all)), cosine
}
