// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/bert"
	"vsim/vsimlib/objective"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/videobert"
)

// tasks are the pretraining losses that are on, and their weights in the sum. A task that is off is not in the graph at all, so
// its head is neither trained nor decayed.
type tasks struct {
	tag, mlm, mfm                   bool
	weightTag, weightMLM, weightMFM float64
}

func tasksOf(p recipe.Pretrain) tasks {
	t := tasks{weightMLM: p.WeightMLM, weightMFM: p.WeightMFM}
	if p.WeightTag != nil {
		t.weightTag = *p.WeightTag
	}
	t.tag, t.mlm, t.mfm = t.weightTag != 0, t.weightMLM != 0, t.weightMFM != 0
	return t
}

// pretrainInputs are the nodes of batch.Pretrain.Tensors, in its order.
type pretrainInputs struct {
	videobert.Inputs
	frameMasked                         *Node // [B,N]
	mlmPositions, mlmLabels, mlmWeights *Node // [M]
	mfmPositions, mfmWeights            *Node // [P]
	tags, tagValid                      *Node // [B,G], [B]
}

const numPretrainInputs = 12

func pretrainNodes(in []*Node) pretrainInputs {
	return pretrainInputs{
		Inputs:      videobert.Inputs{TextIDs: in[0], TextMask: in[1], Frames: in[2], FrameMask: in[3]},
		frameMasked: in[4], mlmPositions: in[5], mlmLabels: in[6], mlmWeights: in[7],
		mfmPositions: in[8], mfmWeights: in[9], tags: in[10], tagValid: in[11],
	}
}

// pretrainLosses returns the weighted sum and its three parts (0 for a task that is off).
func pretrainLosses(m videobert.Model, in pretrainInputs, t tasks) (total, tag, mlm, mfm *Node) {
	dims := in.Frames.Shape().Dimensions
	b, n, f := dims[0], dims[1], dims[2]
	original := ConvertDType(in.Frames, dtypes.Float32)
	kept := InsertAxes(OneMinus(ConvertDType(in.frameMasked, dtypes.Float32)), -1)
	seen := in.Inputs
	seen.Frames = Mul(original, kept)
	sequence, mask := m.Encode(seen)

	zero := ScalarZero(sequence.Graph(), dtypes.Float32)
	tag, mlm, mfm = zero, zero, zero
	if t.tag {
		tag = objective.TagBCE(m.TagLogits(sequence, mask), in.tags, in.tagValid)
	}
	if t.mlm {
		mlm = objective.MaskedLM(m.WordLogits(sequence, in.mlmPositions), in.mlmLabels, in.mlmWeights)
	}
	if t.mfm {
		keys, real := Reshape(original, b*n, f), Reshape(in.FrameMask, b*n)
		mfm = objective.FrameNCE(m.FramePredictions(sequence, in.mfmPositions), keys, real, in.mfmPositions, in.mfmWeights)
	}
	total = objective.Sum([]*Node{tag, mlm, mfm}, []float64{t.weightTag, t.weightMLM, t.weightMFM})
	return total, tag, mlm, mfm
}

// pairLoss encodes both sides of B pairs as one batch of 2B rows (first sides, then second sides) and compares them.
func pairLoss(m videobert.Model, in videobert.Inputs, target *Node) (loss, cosine *Node) {
	b := target.Shape().Dimensions[0]
	e := m.Embedding(m.Encode(in)) // [2B,E]
	e.AssertDims(2*b, m.Config.EmbeddingDim)
	first, second := Slice(e, AxisRange(0, b)), Slice(e, AxisRange(b, 2*b))
	return objective.CosineMSE(first, second, target)
}

// stepGraph is a training step: in is the batch, then the learning rates [5] and the dropout's random state. It updates the store
// and returns losses [4] (total, tag, mlm, mfm) and whether all was finite (bool).
type stepGraph func(store *model.Store, in []*Node) []*Node

func pretrainStep(c recipe.Model, t tasks, o optim.Config) stepGraph {
	return func(store *model.Store, in []*Node) []*Node {
		rates, rng := in[numPretrainInputs], in[numPretrainInputs+1]
		m := videobert.Model{Net: bert.New(store, rates.Graph(), c, rng)}
		total, tag, mlm, mfm := pretrainLosses(m, pretrainNodes(in), t)
		ok := o.Update(store, videobert.Names(c), total, rates)
		return []*Node{Stack([]*Node{total, tag, mlm, mfm}, 0), ok}
	}
}

const numPairInputs = 5

func finetuneStep(c recipe.Model, o optim.Config) stepGraph {
	return func(store *model.Store, in []*Node) []*Node {
		rates, rng := in[numPairInputs], in[numPairInputs+1]
		m := videobert.Model{Net: bert.New(store, rates.Graph(), c, rng)}
		sides := videobert.Inputs{TextIDs: in[0], TextMask: in[1], Frames: in[2], FrameMask: in[3]}
		loss, _ := pairLoss(m, sides, in[4])
		ok := o.Update(store, videobert.Names(c), loss, rates)
		return []*Node{Stack([]*Node{loss}, 0), ok}
	}
}
