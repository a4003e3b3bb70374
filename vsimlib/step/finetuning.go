// SPDX-License-Identifier: Apache-2.0

package step

import (
	"cmp"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
)

// Finetuning is the objective of finetuning: the loss of pairs that the recipe names.
type Finetuning struct{ Recipe recipe.Finetune }

// Temperatures where the recipe does not set one: those of the losses' authors.
const (
	pearsonTemperature = 0.2
	cosentTemperature  = 0.05
)

// Names is the one loss; with a teacher, it is the sum of those of labels and teacher.
func (f Finetuning) Names() []string {
	if f.taught() {
		return []string{"loss", "loss_label", "loss_teacher"}
	}
	return []string{"loss"}
}

// taught reports whether the recipe has a teacher.
func (f Finetuning) taught() bool { return f.Recipe.Teacher != "" }

// Fields are the arrays of a batch of pairs. Over several devices each has the first sides and the second sides of other pairs.
func (f Finetuning) Fields(packed bool) []batch.Field[*Node] {
	return new(batch.TaughtArrays[*Node]).Fields(packed, f.taught())
}

// Weights are those of labels and teacher, w of E16; none without a teacher: the loss has one part.
func (f Finetuning) Weights() []float32 {
	if !f.taught() {
		return nil
	}
	return []float32{float32(1 - f.Recipe.WeightTeacher), float32(f.Recipe.WeightTeacher)}
}

// Parts builds the loss of B pairs, and with a teacher its part.
func (f Finetuning) Parts(m multimodal.Model, in []*Node) []*Node {
	var x batch.TaughtArrays[*Node]
	batch.Fill(x.Fields(m.Config.Packs(), f.taught()), in)
	loss, cosine := f.compare(m, x.PairArrays)
	if !f.taught() {
		return []*Node{loss}
	}
	return []*Node{loss, losses.Distillation(cosine, x.Teacher)}
}

// Sum is the one part, or the weighted sum of both (E16).
func (f Finetuning) Sum(parts []*Node, weights *Node) *Node {
	if weights == nil {
		return parts[0]
	}
	return ReduceAllSum(Mul(Stack(parts, 0), weights))
}

// compare encodes both sides of B pairs as one batch of 2B rows and returns the loss and the cosines [B].
func (f Finetuning) compare(m multimodal.Model, in batch.PairArrays[*Node]) (loss, cosine *Node) {
	b := in.Target.Shape().Dimensions[0]
	e := m.Embedding(m.Encode(in.EncoderArrays)) // [2B,D]
	e.AssertDims(2*b, m.Config.EmbeddingDim)
	first, second := Slice(e, AxisRange(0, b)), Slice(e, AxisRange(b, 2*b))
	if recipe.IsOwn(f.Recipe.Loss) {
		return own.LossOf(f.Recipe.Loss, first, second, in.Target), ReduceSum(Mul(first, second), -1)
	}
	switch f.Recipe.Loss {
	case recipe.SoftmaxPearson:
		return losses.SoftmaxPearson(first, second, in.Target, cmp.Or(f.Recipe.Temperature, pearsonTemperature))
	case recipe.CoSENT:
		return losses.CoSENT(first, second, in.Target, cmp.Or(f.Recipe.Temperature, cosentTemperature))
	}
	return losses.CosineMSE(first, second, in.Target)
}
