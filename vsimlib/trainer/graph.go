// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"cmp"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/bert"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// tasks are the pretraining losses that are on, and their weights in the sum. A task that is off is not in the graph at all, so
// its head is neither trained nor decayed.
type tasks struct {
	tag, mlm, mfm                   bool
	weightTag, weightMLM, weightMFM float64
	simcse                          float64 // its weight; off at 0, and then not a part of the loss at all
	temperature                     float64 // of simcse
}

func tasksOf(p recipe.Pretrain) tasks {
	t := tasks{weightMLM: p.WeightMLM, weightMFM: p.WeightMFM, simcse: p.WeightSimCSE, temperature: cmp.Or(p.SimCSETemperature, simcseTemperature)}
	if p.WeightTag != nil {
		t.weightTag = *p.WeightTag
	}
	t.tag, t.mlm, t.mfm = t.weightTag != 0, t.weightMLM != 0, t.weightMFM != 0
	return t
}

// simcseTemperature is that of SimCSE where the recipe leaves it open, its authors' one.
const simcseTemperature = 0.05

// losses are the names of what pretrainLosses returns.
func (t tasks) losses() []string {
	names := []string{"loss", "loss_tag", "loss_mlm", "loss_mfm"}
	if t.simcse != 0 {
		names = append(names, "loss_simcse")
	}
	return names
}

// sum is the loss (E4) of its parts tag, mlm, mfm and, where it is on, simcse.
func (t tasks) sum(parts []*Node) *Node {
	return losses.Sum(parts, []float64{t.weightTag, t.weightMLM, t.weightMFM, t.simcse}[:len(parts)])
}

// pretrainInputs are the nodes of batch.Pretrain.Tensors, in its order.
type pretrainInputs struct {
	multimodal.Inputs
	frameMasked                         *Node // as FrameMask
	mlmPositions, mlmLabels, mlmWeights *Node // [M]
	mfmPositions, mfmWeights            *Node // [P]
	tags, tagValid                      *Node // [B,G], [B]
}

const numTargets = 8 // of them are not Inputs

// numPretrain is how many arrays a batch of pretraining has, numPairs one of pairs.
func numPretrain(c recipe.Model) int { return multimodal.NumInputs(c) + numTargets }
func numPairs(c recipe.Model) int    { return multimodal.NumInputs(c) + 1 }

// pretrainRows tells which of them have a row a video; shared out over devices no video is packed.
var pretrainRows = []bool{true, true, true, true, true, false, false, false, false, false, true, true}

func pretrainNodes(c recipe.Model, all []*Node) pretrainInputs {
	inputs, in := multimodal.TakeInputs(c, all)
	return pretrainInputs{
		Inputs:      inputs,
		frameMasked: in[0], mlmPositions: in[1], mlmLabels: in[2], mlmWeights: in[3],
		mfmPositions: in[4], mfmWeights: in[5], tags: in[6], tagValid: in[7],
	}
}

// pretrainLosses returns the weighted sum and its parts: tag, mlm, mfm (0 for a task that is off) and, where it is on, simcse.
func pretrainLosses(m multimodal.Model, in pretrainInputs, t tasks) []*Node {
	original := ConvertDType(in.Frames, dtypes.Float32)
	kept := InsertAxes(OneMinus(ConvertDType(in.frameMasked, dtypes.Float32)), -1)
	seen := in.Inputs
	seen.Frames = Mul(original, kept)
	h := readEncoder(m, seen, in, t)

	zero := ScalarZero(original.Graph(), dtypes.Float32)
	tag, mlm, mfm := zero, zero, zero
	if t.tag {
		tag = losses.TagBCE(m.TagLogits(h.tag), in.tags, in.tagValid)
	}
	if t.mlm {
		mlm = losses.MaskedLM(m.WordLogits(h.words), in.mlmLabels, in.mlmWeights)
	}
	if t.mfm {
		keys, real := Reshape(original, -1, m.Config.FrameDim), Reshape(in.FrameMask, -1)
		mfm = losses.FrameNCE(m.FramePredictions(h.frames), keys, real, in.mfmPositions, in.mfmWeights)
	}
	parts := []*Node{tag, mlm, mfm}
	if t.simcse != 0 { // dropout draws on, so the second pass has other draws than the first
		parts = append(parts, losses.SimCSE(h.embedding, m.Embedding(m.Encode(seen)), t.temperature))
	}
	return append([]*Node{t.sum(parts)}, parts...)
}

// headInputs are what the heads of the tasks that are on read from the encoder.
type headInputs struct {
	tag       *Node // [B,H] or [B,E], as tag_input says
	words     *Node // [M,H]
	frames    *Node // [P,H]
	embedding *Node // [B,E], of SimCSE
}

// readEncoder encodes a batch for its heads: the whole last layer only where one of them pools it.
func readEncoder(m multimodal.Model, seen multimodal.Inputs, in pretrainInputs, t tasks) headInputs {
	var h headInputs
	var into []**Node
	var lists []*Node
	read := func(x **Node, places *Node) { into, lists = append(into, x), append(lists, places) }
	pooledTag := t.tag && m.Config.TagInput == recipe.TagEmbedding
	if t.tag && !pooledTag {
		read(&h.tag, m.CLSPlaces(seen))
	}
	if t.mlm {
		read(&h.words, m.WordPlaces(seen, in.mlmPositions))
	}
	if t.mfm {
		read(&h.frames, m.FramePlaces(seen, in.mfmPositions))
	}
	if len(lists) == 0 && !pooledTag && t.simcse == 0 {
		return h // no task is on
	}
	if !pooledTag && t.simcse == 0 {
		for i, rows := range m.EncodeAt(seen, lists...) {
			*into[i] = rows
		}
		return h
	}
	s := m.Encode(seen)
	for i, places := range lists {
		*into[i] = s.At(places)
	}
	if pooledTag {
		h.tag = m.RawEmbedding(s)
	}
	if t.simcse != 0 {
		h.embedding = m.Embedding(s)
	}
	return h
}

// pearsonTemperature is the temperature of softmax_pearson where the recipe leaves it open, its authors' one.
const pearsonTemperature = 0.2

// pairLoss encodes both sides of B pairs as one batch of 2B rows (first sides, then second sides) and compares them.
func pairLoss(m multimodal.Model, in multimodal.Inputs, target *Node, t recipe.Finetune) (loss, cosine *Node) {
	b := target.Shape().Dimensions[0]
	e := m.Embedding(m.Encode(in)) // [2B,E]
	e.AssertDims(2*b, m.Config.EmbeddingDim)
	first, second := Slice(e, AxisRange(0, b)), Slice(e, AxisRange(b, 2*b))
	if t.Loss == recipe.SoftmaxPearson {
		return losses.SoftmaxPearson(first, second, target, cmp.Or(t.Temperature, pearsonTemperature))
	}
	return losses.CosineMSE(first, second, target)
}

// lossGraph builds the losses of a batch that in begins with: first the one that is trained on, then its parts.
type lossGraph func(m multimodal.Model, in []*Node) []*Node

func pretrainLoss(t tasks) lossGraph {
	return func(m multimodal.Model, in []*Node) []*Node {
		return pretrainLosses(m, pretrainNodes(m.Config, in), t)
	}
}

// pairRows tells which arrays of a batch of pairs have a row an example: all, a pair's second side standing B rows after its first.
var pairRows = []bool{true, true, true, true, true}

func finetuneLoss(t recipe.Finetune) lossGraph {
	return func(m multimodal.Model, in []*Node) []*Node {
		sides, rest := multimodal.TakeInputs(m.Config, in)
		loss, _ := pairLoss(m, sides, rest[0], t)
		return []*Node{loss}
	}
}

// stepGraph is a training step: in is the batch, then the learning rates [5] and the dropout's random state. It updates the store
// and returns the losses (of pretraining as pretrainLosses has them) and whether all was finite (bool).
type stepGraph func(store *model.Store, in []*Node) []*Node

func pretrainStep(c recipe.Model, t tasks, o optim.Config) stepGraph {
	return wholeStep(c, o, pretrainLoss(t), numPretrain(c))
}

func finetuneStep(c recipe.Model, t recipe.Finetune, o optim.Config) stepGraph {
	return wholeStep(c, o, finetuneLoss(t), numPairs(c))
}

// wholeStep is the step on a batch of n arrays.
func wholeStep(c recipe.Model, o optim.Config, loss lossGraph, n int) stepGraph {
	return func(store *model.Store, in []*Node) []*Node {
		rates, rng := in[n], in[n+1]
		losses := loss(multimodal.Model{Net: bert.New(store, rates.Graph(), c, rng)}, in)
		ok := o.Update(store, multimodal.Names(c), losses[0], rates)
		updateInPlace(store, rates.Graph())
		return []*Node{Stack(losses, 0), ok}
	}
}
