// SPDX-License-Identifier: Apache-2.0

// Package multimodal is the multimodal model: the frames of a video and its title as one stream through BERT, and the heads on it.
//
// Layouts (S = N + T positions): cls_first is [CLS] frame… [SEP] title… [SEP]; frames_first is frame… [CLS] title… [SEP]. Text
// and frames have embedding blocks of their own, so position ids restart with each modality. The arithmetic is that of the
// released code of the competition's winners (arXiv 2111.01677, section 2); golden cases from a PyTorch reference pin it.
package multimodal

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
	Frames    *Node // [B,N,F] float16 or float32; packed: [Q,F]
	FrameMask *Node // [B,N] int32, 1 = real frame; packed: [Q]
	Packing
}

// TakeInputs returns the inputs of the encoder that batch.Inputs.Tensors gives, and the nodes after them.
func TakeInputs(c recipe.Model, in []*Node) (Inputs, []*Node) {
	x, rest := Inputs{TextIDs: in[0], TextMask: in[1], Frames: in[2], FrameMask: in[3]}, in[4:]
	if c.Packs() {
		x.Packing, rest = Packing{FrameNumber: rest[0], Source: rest[1], Segment: rest[2], Slot: rest[3]}, rest[4:]
	}
	return x, rest
}

// NumInputs is how many nodes TakeInputs takes.
func NumInputs(c recipe.Model) int {
	if c.Packs() {
		return 8
	}
	return 4
}

// Model is the multimodal model in one graph.
type Model struct{ *bert.Net }

// Encode returns the last layer, in float32.
func (m Model) Encode(in Inputs) Sequence {
	x, mask := m.stream(in)
	s := Sequence{Hidden: m.Encoder(x, mask), Packing: in.Packing, videos: in.TextIDs.Shape().Dimensions[0]}
	if in.Slot == nil {
		s.Mask = mask
	}
	return s
}

// EncodeAt returns the last layer at each of these lists of places alone, [len,H] in float32, and computes no more of it. It is
// Encode and At in less time; dropout in the last layer draws otherwise.
func (m Model) EncodeAt(in Inputs, lists ...*Node) []*Node {
	x, mask := m.stream(in)
	all := m.EncoderAt(x, mask, Concatenate(lists, 0))
	rows, from := make([]*Node, len(lists)), 0
	for i, places := range lists {
		to := from + places.Shape().Size()
		rows[i] = Slice(all, AxisRange(from, to))
		from = to
	}
	return rows
}

// stream is the encoder's input, frames and title in one: [B,S,H] and the mask [B,S], or packed.
func (m Model) stream(in Inputs) (x, mask *Node) {
	c := m.Config
	b := in.TextIDs.Shape().Dimensions[0]
	in.TextIDs.AssertDims(b, c.TextLength())
	in.TextMask.AssertDims(b, c.TextLength())

	text := m.TextEmbeddings("bert.embeddings", in.TextIDs)
	// Frames travel to the device as float16 and are widened here.
	frames := m.Linear("video_fc", ConvertDType(in.Frames, dtypes.Float32))
	if in.Slot != nil {
		q := in.FrameNumber.Shape().Dimensions[0]
		in.Frames.AssertDims(q, c.FrameDim)
		in.FrameMask.AssertDims(q)
		return packed(text, m.NumberedEmbeddings("video_embeddings", frames, in.FrameNumber), in.Packing)
	}
	in.Frames.AssertDims(b, c.MaxFrames, c.FrameDim)
	in.FrameMask.AssertDims(b, c.MaxFrames)
	video := m.InputEmbeddings("video_embeddings", frames)

	if c.Layout == recipe.CLSFirst {
		return Concatenate([]*Node{head(text), video, tail(text)}, 1), Concatenate([]*Node{head(in.TextMask), in.FrameMask, tail(in.TextMask)}, 1)
	}
	return Concatenate([]*Node{video, text}, 1), Concatenate([]*Node{in.FrameMask, in.TextMask}, 1)
}

func head(x *Node) *Node { return SliceAxis(x, 1, AxisRange(0, 1)) }
func tail(x *Node) *Node { return SliceAxis(x, 1, AxisRangeToEnd(1)) }

// Embedding returns the video's embedding: RawEmbedding scaled to length one, [B,E].
func (m Model) Embedding(s Sequence) *Node {
	x := m.RawEmbedding(s)
	// torch.nn.functional.normalize: the norm is clipped from below at 1e-12.
	norm := Sqrt(MaxScalar(ReduceAndKeep(Square(x), ReduceSum, -1), 1e-24))
	return Div(x, norm)
}

// TagLogits scores every tag from x, the last layer at [CLS] [B,H] or the raw embedding [B,E], as tag_input says: [B,K].
func (m Model) TagLogits(x *Node) *Node {
	x.AssertDims(-1, m.Config.TagWidth())
	return ConvertDType(m.Linear("tag_fc", MaxScalar(x, 0)), dtypes.Float32)
}

// WordLogits scores the vocabulary at words x [M,H] of the last layer: [M,V].
func (m Model) WordLogits(x *Node) *Node { return m.Head("cls.predictions", x) }

// FramePredictions predicts the raw feature of frames x [P,H] of the last layer: [P,F].
func (m Model) FramePredictions(x *Node) *Node { return m.Head("mfm", x) }
