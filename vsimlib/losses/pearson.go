// SPDX-License-Identifier: Apache-2.0

package losses

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// SoftmaxPearson is a finetuning loss of another team (E12): minus Pearson's correlation, over the pairs of the batch, between the
// softmax of their cosines and their labels. It goes for the order of the pairs, as the competition's score does, and not for the
// cosines' values, and it is no mean over pairs: parts of a batch have other losses.
//
//	E12: L = − Σ_b (s_b − s̄)(t_b − t̄) / (‖s − s̄‖·‖t − t̄‖ + 1e-5),   s = softmax_b(e1_b·e2_b / τ)
//
// first and second [B,E] have rows of length one; target [B]. It returns the loss and the cosines [B]. Where all labels or all cosines
// of the batch are the same, as in a batch of one pair, there is no correlation, and loss and gradient are 0.
//
// Source: "LBPC", the readme of miziha-zp/cikm21-video-similarity, with τ 0.2.
func SoftmaxPearson(first, second, target *Node, temperature float64) (loss, cosine *Node) {
	cosine = ReduceSum(Mul(first, second), -1)
	target.AssertDims(cosine.Shape().Dimensions...)
	s, t := centred(Softmax(DivScalar(cosine, temperature), -1)), centred(target)
	loss = Neg(Div(ReduceAllSum(Mul(s, t)), AddScalar(Mul(norm(s), norm(t)), 1e-5)))
	return Where(LogicalAnd(varies(cosine), varies(target)), loss, ZerosLike(loss)), cosine
}

// centred is x [B] less its mean.
func centred(x *Node) *Node { return Sub(x, ReduceAllMean(x)) }

// norm is the length of x [B]. A square root's slope at 0 is infinite, so it is taken a little above.
func norm(x *Node) *Node { return Sqrt(MaxScalar(ReduceAllSum(Square(x)), 1e-20)) }

// varies tells whether not all of x [B] are the same.
func varies(x *Node) *Node { return GreaterThan(ReduceAllMax(x), ReduceAllMin(x)) }
