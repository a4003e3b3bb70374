// SPDX-License-Identifier: Apache-2.0

// Package losses has the losses of pretraining and finetuning, one function each, on logits that the model has computed, in
// its compute type. Every function computes in float32 and returns a float32 scalar, is finite for any finite input, and is 0
// with zero gradients where a batch masks nothing. The letters in shapes are those of package vsimlib.
package losses

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/product"
)

// TagBCE is the tag classification loss (E1), the mean over videos and tags of the binary cross-entropy with logits:
//
//	E1: L_tag = 1/(B·G) Σ_b Σ_g [softplus(x_bg) − y_bg x_bg]
//
// logits [B,G]; tags [B,J] int32 lists each video's tags (classes 0..G-1, each once) and is filled up with -1; valid [B] is 1 for
// videos that have tags at all, 0 for test videos, which then do not count. The targets y never exist as a [B,G] array.
//
// Paper: section 2.2, video tag classification.
func TagBCE(logits, tags, valid *Node) *Node {
	b, g := logits.Shape().Dimensions[0], logits.Shape().Dimensions[1]
	j := tags.Shape().Dimensions[1]
	tags.AssertDims(b, j)
	valid.AssertDims(b)
	valid = ConvertDType(valid, dtypes.Float32)
	negative := ReduceSum(softplus(ConvertDType(logits, dtypes.Float32)), 1) // [B]
	listed := ConvertDType(GreaterOrEqual(tags, ZerosLike(tags)), dtypes.Float32)
	row := Iota(logits.Graph(), tags.Shape(), 0)
	at := Stack([]*Node{row, MaxScalar(tags, 0)}, -1) // [B,J,2]
	positive := ReduceSum(Mul(ConvertDType(Gather(logits, at), dtypes.Float32), listed), 1)
	total := ReduceAllSum(Mul(Sub(negative, positive), valid))
	return Div(total, MulScalar(MaxScalar(ReduceAllSum(valid), 1), float64(g)))
}

// softplus is log(1+eˣ) without overflow; its gradient at 0 is exactly 1/2.
func softplus(x *Node) *Node {
	positive := MulScalar(Add(x, Abs(x)), 0.5)
	return Add(positive, Log1P(Exp(Neg(Abs(x)))))
}

// MaskedLM is the masked language modelling loss (E2), the mean cross-entropy over the masked tokens:
//
//	E2: L_mlm = 1/|M| Σ_{i∈M} [log Σ_v exp x_iv − x_{i,y_i}]
//
// logits [M,V] at the masked tokens only; labels [M] int32; weights [M] is 1 for a masked token and 0 for a filler of the fixed
// budget. Paper: section 2.2, masked language modelling.
func MaskedLM(logits, labels, weights *Node) *Node {
	m := logits.Shape().Dimensions[0]
	labels.AssertDims(m)
	weights.AssertDims(m)
	return weightedMean(crossEntropy(logits, labels), weights)
}

// FrameNCE is the masked-frame loss (E3): each masked frame's prediction must find its own original frame among all real frames of
// the batch, by plain dot product, with no normalisation and no temperature:
//
//	E3: L_mfm = 1/|P| Σ_{i∈P} [log Σ_{j real} exp(p_i·f_j) − p_i·f_i]
//
// predictions [P,R]; keys [Q,R] are all original frames; real [Q] is 1 for real frames; positions [P] int32 is each
// prediction's row in keys; weights [P] is 0 for fillers. Paper: section 2.2, masked frame modelling. Differs: the paper
// keeps a tenth of the chosen frames and predicts them too, the released code (followed here) does not.
func FrameNCE(predictions, keys, real, positions, weights *Node) *Node {
	p, q := predictions.Shape().Dimensions[0], keys.Shape().Dimensions[0]
	real.AssertDims(q)
	positions.AssertDims(p)
	weights.AssertDims(p)
	logits := product.Of(predictions, 1, nil, ConvertDType(keys, predictions.DType()), 1, nil) // [P,Q] float32
	padding := MulScalar(OneMinus(ConvertDType(real, dtypes.Float32)), -1e8)
	logits = Add(logits, ExpandLeftToRank(padding, 2))
	return weightedMean(crossEntropy(logits, positions), weights)
}

// Sum is the pretraining loss (E4), the weighted sum of the tasks that are on:
//
//	E4: L = w_tag L_tag + w_mlm L_mlm + w_mfm L_mfm
//
// weights are scalars, and nil for a task that is off, which adds nothing. Paper: section 2.2; the released weights are 1250/3,
// 1/3.75 and 1/9.
func Sum(losses, weights []*Node) *Node {
	total := ScalarZero(losses[0].Graph(), dtypes.Float32)
	for i, loss := range losses {
		if weights[i] != nil {
			total = Add(total, Mul(loss, weights[i]))
		}
	}
	return total
}

// CosineMSE is the finetuning loss (E6), the mean squared error between the cosine of a pair and its rank-normalised label (E5):
//
//	E6: L = 1/B Σ_b (e1_b·e2_b − y_b)²
//
// first (e1) and second (e2) [B,D] have rows of length one; target (y) [B]. It returns the loss and the cosines [B]. Paper: section
// 2.3.
func CosineMSE(first, second, target *Node) (loss, cosine *Node) {
	cosine = ReduceSum(Mul(first, second), -1)
	target.AssertDims(cosine.Shape().Dimensions...)
	return ReduceAllMean(Square(Sub(cosine, target))), cosine
}

// crossEntropy is log Σ_v exp x_iv − x_{i,y_i} of logits x [M,V], where y are labels [M]: [M]. Under bfloat16 no array of
// float32 is needed: the logit of the label is a sum with one term, which a compiler fuses with the other sum, and so are
// their gradients.
func crossEntropy(logits, labels *Node) *Node {
	if logits.DType() == dtypes.Float32 {
		at := Stack([]*Node{Iota(logits.Graph(), labels.Shape(), 0), labels}, -1) // [M,2]
		return Sub(logSumExp(logits), Gather(logits, at))
	}
	x := ConvertDType(logits, dtypes.Float32)
	column := Iota(x.Graph(), shapes.Make(labels.DType(), x.Shape().Dimensions...), 1)
	label := Equal(column, InsertAxes(labels, -1))
	return Sub(logSumExp(x), ReduceSum(Where(label, x, ZerosLike(x)), -1))
}

// logSumExp of the last axis of x, [M,V] for one: [M].
func logSumExp(x *Node) *Node {
	top := StopGradient(ReduceAndKeep(x, ReduceMax, -1))
	return Add(Log(ReduceSum(Exp(Sub(x, top)), -1)), Squeeze(top, -1))
}

// weightedMean is Σ w x / Σ w, and 0 where no weight is set. Weights are 0 or 1.
func weightedMean(x, weights *Node) *Node {
	weights = ConvertDType(weights, dtypes.Float32)
	return Div(ReduceAllSum(Mul(x, weights)), MaxScalar(ReduceAllSum(weights), 1))
}
