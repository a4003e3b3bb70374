// SPDX-License-Identifier: Apache-2.0

// Package videobert is the multimodal model: the frames of a video and its title as one stream through BERT, and the heads on it.
//
// Layouts (S = N + T positions): cls_first is [CLS] frame… [SEP] title… [SEP]; frames_first is frame… [CLS] title… [SEP]. Text
// and frames have embedding blocks of their own, so position ids restart with each modality. The arithmetic is that of the
// released code of the competition's winners (arXiv 2111.01677, section 2); golden cases from a PyTorch reference pin it.
package videobert

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/bert"
	"vsim/vsimlib/recipe"
)

// Inputs of the encoder, one row a video.
type Inputs struct {
	TextIDs   *Node // [B,T] int32
	TextMask  *Node // [B,T] int32, 1 = real token
	Frames    *Node // [B,N,F] float16 or float32
	FrameMask *Node // [B,N] int32, 1 = real frame
}

// Model is the multimodal model in one graph.
type Model struct{ *bert.Net }

// Encode returns the last layer [B,S,H] in float32 and its mask [B,S].
func (m Model) Encode(in Inputs) (sequence, mask *Node) {
	c := m.Config
	b := in.TextIDs.Shape().Dimensions[0]
	in.TextIDs.AssertDims(b, c.MaxText)
	in.TextMask.AssertDims(b, c.MaxText)
	in.Frames.AssertDims(b, c.MaxFrames, c.FrameDim)
	in.FrameMask.AssertDims(b, c.MaxFrames)

	text := m.TextEmbeddings("bert.embeddings", in.TextIDs)
	// Frames travel to the device as float16 and are widened here.
	frames := m.Linear("video_fc", ConvertDType(in.Frames, dtypes.Float32))
	video := m.InputEmbeddings("video_embeddings", frames)

	if c.Layout == recipe.CLSFirst {
		sequence = Concatenate([]*Node{head(text), video, tail(text)}, 1)
		mask = Concatenate([]*Node{head(in.TextMask), in.FrameMask, tail(in.TextMask)}, 1)
	} else {
		sequence = Concatenate([]*Node{video, text}, 1)
		mask = Concatenate([]*Node{in.FrameMask, in.TextMask}, 1)
	}
	return m.Encoder(sequence, mask), mask
}

func head(x *Node) *Node { return SliceAxis(x, 1, AxisRange(0, 1)) }
func tail(x *Node) *Node { return SliceAxis(x, 1, AxisRangeToEnd(1)) }

// CLS returns the last layer at [CLS]: [B,H].
func (m Model) CLS(sequence *Node) *Node {
	at := 0
	if m.Config.Layout == recipe.FramesFirst {
		at = m.Config.MaxFrames
	}
	return Squeeze(SliceAxis(sequence, 1, AxisElem(at)), 1)
}

// TextAt returns the rows of sequence [B,S,H] at positions [M] (int32, row·T + token) of the text blocks: [M,H].
func (m Model) TextAt(sequence, positions *Node) *Node {
	t, n := m.Config.MaxText, m.Config.MaxFrames
	row, token := Div(positions, ConstAs(positions, t)), Mod(positions, ConstAs(positions, t))
	place := AddScalar(token, float64(n))
	if m.Config.Layout == recipe.CLSFirst {
		place = Where(Equal(token, ZerosLike(token)), token, place) // [CLS] leads, the frames follow it
	}
	return m.at(sequence, row, place)
}

// FramesAt returns the rows of sequence [B,S,H] at positions [P] (int32, row·N + frame) of the frame blocks: [P,H].
func (m Model) FramesAt(sequence, positions *Node) *Node {
	n := m.Config.MaxFrames
	row, place := Div(positions, ConstAs(positions, n)), Mod(positions, ConstAs(positions, n))
	if m.Config.Layout == recipe.CLSFirst {
		place = AddScalar(place, 1)
	}
	return m.at(sequence, row, place)
}

func (m Model) at(sequence, row, place *Node) *Node {
	dims := sequence.Shape().Dimensions
	flat := Reshape(sequence, dims[0]*dims[1], dims[2])
	index := Add(Mul(row, ConstAs(row, dims[1])), place)
	return Gather(flat, InsertAxes(index, -1))
}

// RawEmbedding pools sequence [B,S,H] and projects it: [B,E], before the L2 normalisation (E7). Pooling "mean" and "attention" run
// over every position, padding included, as released; their masked_ twins over real positions only.
//
//	E7: e = W·Σ_s w_s x_s + b,  w_s = 1/S  or  softmax_s(u·tanh(V x_s + c) + d)
//
// Paper: section 2.1. Differs: the paper does not say that padding takes part.
func (m Model) RawEmbedding(sequence, mask *Node) *Node {
	c := m.Config
	masked := c.Masked()
	real := InsertAxes(ConvertDType(mask, dtypes.Float32), -1) // [B,S,1]
	if !masked {
		real = OnesLike(real)
	}
	var w *Node
	if c.AttentionPooling() {
		score := m.Linear("attention_pool.score", Tanh(m.Linear("attention_pool.dense", sequence)))
		score = ConvertDType(score, dtypes.Float32)
		if masked {
			score = Where(Equal(real, ZerosLike(real)), ConstAs(score, -1e30), score)
		}
		w = Softmax(score, 1)
	} else {
		w = Div(real, ReduceAndKeep(real, ReduceSum, 1))
	}
	pooled := ReduceSum(Mul(w, sequence), 1) // [B,H]
	return ConvertDType(m.Linear("embedding_fc", pooled), dtypes.Float32)
}

// Embedding returns the video's embedding: RawEmbedding scaled to length one, [B,E].
func (m Model) Embedding(sequence, mask *Node) *Node {
	x := m.RawEmbedding(sequence, mask)
	// torch.nn.functional.normalize: the norm is clipped from below at 1e-12.
	norm := Sqrt(MaxScalar(ReduceAndKeep(Square(x), ReduceSum, -1), 1e-24))
	return Div(x, norm)
}

// TagLogits scores every tag: [B,K] from relu([CLS]) or relu(raw embedding), as tag_input says.
func (m Model) TagLogits(sequence, mask *Node) *Node {
	x := m.CLS(sequence)
	if m.Config.TagInput == recipe.TagEmbedding {
		x = m.RawEmbedding(sequence, mask)
	}
	return ConvertDType(m.Linear("tag_fc", MaxScalar(x, 0)), dtypes.Float32)
}

// WordLogits scores the vocabulary at the given text positions only: [M,V].
func (m Model) WordLogits(sequence, positions *Node) *Node {
	return m.Head("cls.predictions", m.TextAt(sequence, positions))
}

// FramePredictions predicts the raw feature of the frames at the given positions only: [P,F].
func (m Model) FramePredictions(sequence, positions *Node) *Node {
	return m.Head("mfm", m.FramesAt(sequence, positions))
}
