// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"cmp"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// numPretrain is how many arrays a batch of pretraining has, numPairs one of pairs.
func numPretrain(c recipe.Model) int {
	return len(new(batch.PretrainArrays[*Node]).Fields(c.Packs()))
}
func numPairs(c recipe.Model) int { return len(new(batch.PairArrays[*Node]).Fields(c.Packs())) }

// pretrainRows reports for each array of a batch whether it has a row per video; over several devices nothing is packed.
var pretrainRows = rows(new(batch.PretrainArrays[*Node]).Fields(false))

func rows(fields []batch.Field[*Node]) []bool {
	list := make([]bool, len(fields))
	for i, f := range fields {
		list[i] = f.Rows
	}
	return list
}

func pretrainNodes(c recipe.Model, all []*Node) batch.PretrainArrays[*Node] {
	var x batch.PretrainArrays[*Node]
	batch.Fill(x.Fields(c.Packs()), all)
	return x
}

// pretrainLosses returns the weighted sum and its parts: tag, mlm, mfm (0 for a task that is off) and, where it is on, simcse.
func pretrainLosses(m multimodal.Model, in batch.PretrainArrays[*Node], t losses.Tasks) []*Node {
	original := ConvertDType(in.Frames, dtypes.Float32)
	kept := InsertAxes(OneMinus(ConvertDType(in.FrameMasked, dtypes.Float32)), -1)
	seen := in.EncoderArrays
	seen.Frames = Mul(original, kept)
	h := readEncoder(m, seen, in, t)

	zero := ScalarZero(original.Graph(), dtypes.Float32)
	tag, mlm, mfm := zero, zero, zero
	if t.Tag.On {
		tag = losses.TagBCE(m.TagLogits(h.tag), in.Tags, in.TagValid)
	}
	if t.MLM.On {
		mlm = losses.MaskedLM(m.TokenLogits(h.words), in.MLMLabels, in.MLMWeights)
	}
	if t.MFM.On {
		keys, real := Reshape(original, -1, m.Config.FrameDim), Reshape(in.FrameMask, -1)
		mfm = losses.FrameNCE(m.FramePredictions(h.frames), keys, real, in.MFMPositions, in.MFMWeights)
	}
	parts := []*Node{tag, mlm, mfm}
	if t.SimCSE.On { // dropout draws on, so the second pass has other draws than the first
		parts = append(parts, losses.SimCSE(h.embedding, m.Embedding(m.Encode(seen)), t.Temperature))
	}
	return append([]*Node{t.Sum(parts)}, parts...)
}

// headInputs are what the heads of the tasks that are on read from the encoder.
type headInputs struct {
	tag       *Node // [B,H] or [B,E], as tag_input says
	words     *Node // [M,H]
	frames    *Node // [P,H]
	embedding *Node // [B,E], of SimCSE
}

// readEncoder encodes a batch for its heads: the whole last layer only where one of them pools it.
func readEncoder(m multimodal.Model, seen multimodal.Inputs, in batch.PretrainArrays[*Node], t losses.Tasks) headInputs {
	var h headInputs
	var into []**Node
	var lists []*Node
	read := func(x **Node, places *Node) { into, lists = append(into, x), append(lists, places) }
	pooledTag := t.Tag.On && m.Config.TagInput == recipe.TagEmbedding
	if t.Tag.On && !pooledTag {
		read(&h.tag, m.CLSIndices(seen))
	}
	if t.MLM.On {
		read(&h.words, m.TokenIndices(seen, in.MLMPositions))
	}
	if t.MFM.On {
		read(&h.frames, m.FrameIndices(seen, in.MFMPositions))
	}
	if len(lists) == 0 && !pooledTag && !t.SimCSE.On {
		return h // no task is on
	}
	if !pooledTag && !t.SimCSE.On {
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
	if t.SimCSE.On {
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

func pretrainLoss(t losses.Tasks) lossGraph {
	return func(m multimodal.Model, in []*Node) []*Node {
		return pretrainLosses(m, pretrainNodes(m.Config, in), t)
	}
}

// pairRows tells which arrays of a batch of pairs have a row an example: all, a pair's second side standing B rows after its first.
var pairRows = rows(new(batch.PairArrays[*Node]).Fields(false))

func finetuneLoss(t recipe.Finetune) lossGraph {
	return func(m multimodal.Model, in []*Node) []*Node {
		var x batch.PairArrays[*Node]
		batch.Fill(x.Fields(m.Config.Packs()), in)
		loss, _ := pairLoss(m, x.EncoderArrays, x.Target, t)
		return []*Node{loss}
	}
}

// stepGraph is a training step: in is the batch, then the learning rates [5] and the dropout's random state. It updates the store
// and returns the losses (of pretraining as pretrainLosses has them) and whether all was finite (bool).
type stepGraph func(store *model.Store, in []*Node) []*Node

func pretrainStep(c recipe.Model, t losses.Tasks, o optim.Config) stepGraph {
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
