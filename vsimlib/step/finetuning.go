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

// Names is the one loss.
func (Finetuning) Names() []string { return []string{"loss"} }

// Fields are the arrays of a batch of pairs. Over several devices each has the first sides and the second sides of other pairs.
func (Finetuning) Fields(packed bool) []batch.Field[*Node] {
	return new(batch.PairArrays[*Node]).Fields(packed)
}

// Weights are none: the loss has one part.
func (Finetuning) Weights() []float32 { return nil }

// Parts builds the loss of B pairs.
func (f Finetuning) Parts(m multimodal.Model, in []*Node) []*Node {
	var x batch.PairArrays[*Node]
	batch.Fill(x.Fields(m.Config.Packs()), in)
	loss, _ := f.compare(m, x)
	return []*Node{loss}
}

// Sum is the one part.
func (Finetuning) Sum(parts []*Node, _ *Node) *Node { return parts[0] }

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
