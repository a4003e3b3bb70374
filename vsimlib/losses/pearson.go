// SPDX-License-Identifier: Apache-2.0

package losses

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// SoftmaxPearson is a finetuning loss of another team (E12): minus Pearson's correlation, over the pairs of the batch, between the
// softmax of their cosines and their labels. It depends on the order of the pairs, as the competition's score does, and not on the
// values of the cosines. It is not a mean over pairs: the losses of parts of a batch do not add up to it.
//
//	E12: L = − Σ_b (s_b − s̄)(y_b − ȳ) / (‖s − s̄‖·‖y − ȳ‖ + 1e-5),  s = softmax_b(e1_b·e2_b / τ)
//
// first (e1) and second (e2) [B,D] have rows of length one; target (y) [B]. It returns the loss and the cosines [B]. Where all
// labels or all cosines of the batch are equal, as in a batch of one pair, there is no correlation, and loss and gradient are 0.
//
// Source: "LBPC", the readme of miziha-zp/cikm21-video-similarity, with τ 0.2.
func SoftmaxPearson(first, second, target *Node, temperature float64) (loss, cosine *Node) {
	cosine = ReduceSum(Mul(first, second), -1)
	target.AssertDims(cosine.Shape().Dimensions...)
	s, y := centred(Softmax(DivScalar(cosine, temperature), -1)), centred(target)
	loss = Neg(Div(ReduceAllSum(Mul(s, y)), AddScalar(Mul(norm(s), norm(y)), 1e-5)))
	return Where(LogicalAnd(varies(cosine), varies(target)), loss, ZerosLike(loss)), cosine
}

// centred is x [B] minus its mean.
func centred(x *Node) *Node { return Sub(x, ReduceAllMean(x)) }

// norm is the length of x [B]. The slope of a square root at 0 is infinite, so it is computed a little above.
func norm(x *Node) *Node { return Sqrt(MaxScalar(ReduceAllSum(Square(x)), 1e-20)) }

// varies reports whether the values of x [B] are not all equal.
func varies(x *Node) *Node { return GreaterThan(ReduceAllMax(x), ReduceAllMin(x)) }
