// SPDX-License-Identifier: Apache-2.0

package step

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
)

// Pretraining is the objective of pretraining: the weighted sum (E4) of the tasks that are on.
type Pretraining struct{ Tasks losses.Tasks }

// Names are the sum and its parts: tag, mlm, mfm and, where they are on, simcse and own.
func (p Pretraining) Names() []string { return p.Tasks.Names() }

// Fields are the arrays of a batch of pretraining.
func (Pretraining) Fields(packed bool) []batch.Field[*Node] {
	return new(batch.PretrainArrays[*Node]).Fields(packed)
}

// Weights are the weights of the tasks.
func (p Pretraining) Weights() []float32 { return p.Tasks.Weights() }

// Sum is the weighted sum of the parts.
func (p Pretraining) Sum(parts []*Node, weights *Node) *Node { return p.Tasks.Sum(parts, weights) }

// Parts builds the losses of the tasks; a task that is off is 0.
func (p Pretraining) Parts(m multimodal.Model, in []*Node) []*Node {
	var x batch.PretrainArrays[*Node]
	batch.Fill(x.Fields(m.Config.Packs()), in)
	t := p.Tasks
	original := ConvertDType(x.Frames, dtypes.Float32)
	visible := InsertAxes(OneMinus(ConvertDType(x.FrameMasked, dtypes.Float32)), -1)
	seen := x.EncoderArrays
	seen.Frames = Mul(original, visible)
	h := p.readEncoder(m, seen, x)

	zero := ScalarZero(original.Graph(), dtypes.Float32)
	tag, mlm, mfm := zero, zero, zero
	if t.Tag.On {
		tag = losses.TagBCE(m.TagLogits(h.tag), x.Tags, x.TagValid)
	}
	if t.MLM.On {
		mlm = losses.MaskedLM(m.TokenLogits(h.tokens), x.MLMLabels, x.MLMWeights)
	}
	if t.MFM.On {
		keys, real := Reshape(original, -1, m.Config.FrameDim), Reshape(x.FrameMask, -1) // [Q,R], [Q]
		predictions := m.FramePredictions(h.frames)
		if t.FrameCosine != 0 {
			mfm = losses.FrameCosineNCE(predictions, keys, real, x.MFMPositions, x.MFMWeights, t.FrameCosine)
		} else {
			mfm = losses.FrameNCE(predictions, keys, real, x.MFMPositions, x.MFMWeights)
		}
	}
	parts := []*Node{tag, mlm, mfm}
	if t.SimCSE.On { // dropout continues its draws, so the second pass has other draws than the first
		parts = append(parts, losses.SimCSE(h.embedding, m.Embedding(m.Encode(seen)), t.Temperature))
	}
	if t.Own.On {
		parts = append(parts, own.TaskOf(t.OwnTask, ownInputs(h, x, original)))
	}
	return parts
}

// headInputs are what the heads of the tasks that are on read from the encoder.
type headInputs struct {
	tag       *Node // [B,H] or [B,D], as tag_input says
	tokens    *Node // [M,H]
	frames    *Node // [P,H]
	embedding *Node // [B,D], of SimCSE and of a task of the user's
	all       multimodal.Sequence
}

// ownInputs are those of a task of the user's. No video is packed: the recipe was checked.
func ownInputs(h headInputs, x batch.PretrainArrays[*Node], original *Node) own.TaskInputs {
	return own.TaskInputs{States: h.all.Hidden, Mask: ConvertDType(h.all.Mask, dtypes.Float32), Embedding: h.embedding,
		TextIDs: x.TextIDs, TextMask: x.TextMask, Frames: original, FrameMask: x.FrameMask, FrameMasked: x.FrameMasked,
		Tags: x.Tags, TagValid: x.TagValid}
}

// readEncoder encodes a batch for its heads: the whole last layer only where a head pools it.
func (p Pretraining) readEncoder(m multimodal.Model, seen multimodal.Inputs, x batch.PretrainArrays[*Node]) headInputs {
	var h headInputs
	var into []**Node
	var lists []*Node
	read := func(rows **Node, indices *Node) { into, lists = append(into, rows), append(lists, indices) }
	t := p.Tasks
	pooledTag := t.Tag.On && m.Config.TagInput == recipe.TagEmbedding
	if t.Tag.On && !pooledTag {
		read(&h.tag, m.CLSIndices(seen))
	}
	if t.MLM.On {
		read(&h.tokens, m.TokenIndices(seen, x.MLMPositions))
	}
	if t.MFM.On {
		read(&h.frames, m.FrameIndices(seen, x.MFMPositions))
	}
	if len(lists) == 0 && !pooledTag && !t.Embeds() {
		return h // no task is on
	}
	if !pooledTag && !t.Embeds() {
		for i, rows := range m.EncodeAt(seen, lists...) {
			*into[i] = rows
		}
		return h
	}
	s := m.Encode(seen)
	h.all = s
	for i, indices := range lists {
		*into[i] = s.At(indices)
	}
	if pooledTag {
		h.tag = m.RawEmbedding(s)
	}
	if t.Embeds() {
		h.embedding = m.Embedding(s)
	}
	return h
}
