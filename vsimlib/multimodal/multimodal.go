// SPDX-License-Identifier: Apache-2.0

// Package multimodal is the multimodal model: the frames of a video and its title as one stream through BERT, and the heads on it.
//
// Layouts (S = F + T positions): cls_first is [CLS] frame… [SEP] title… [SEP]; frames_first is frame… [CLS] title… [SEP]. Text
// and frames have embedding blocks of their own, so position ids restart with each modality. The arithmetic is that of the
// released code of the competition's winners (arXiv 2111.01677, section 2); golden cases from a PyTorch reference pin it.
package multimodal

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/competition"
)

// Encode returns the last layer, in float32.
func (m Model) Encode(in Inputs) Sequence {
	x, mask := m.stream(in)
	s := Sequence{Hidden: m.Encoder(x, mask), Packing: in.PackingArrays, videos: in.TextIDs.Shape().Dimensions[0]}
	if in.Slot == nil {
		s.Mask = mask
	}
	return s
}

// EncodeAt returns the last layer at each of these lists of indices, [I,H] in float32, and computes no other row of it. It is
// Encode and At in less time; dropout in the last layer has other draws.
func (m Model) EncodeAt(in Inputs, lists ...*Node) []*Node {
	x, mask := m.stream(in)
	all := m.EncoderAt(x, mask, Concatenate(lists, 0))
	rows, from := make([]*Node, len(lists)), 0
	for i, indices := range lists {
		to := from + indices.Shape().Size()
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
	// Frames are float16 up to here.
	frames := m.Linear("video_fc", ConvertDType(in.Frames, dtypes.Float32))
	if in.Slot != nil {
		q := in.FrameNumber.Shape().Dimensions[0]
		in.Frames.AssertDims(q, c.FrameDim)
		in.FrameMask.AssertDims(q)
		return packed(text, m.NumberedEmbeddings("video_embeddings", frames, in.FrameNumber), in.PackingArrays)
	}
	in.Frames.AssertDims(b, c.MaxFrames, c.FrameDim)
	in.FrameMask.AssertDims(b, c.MaxFrames)
	video := m.InputEmbeddings("video_embeddings", frames)

	if c.Layout == competition.LayoutCLSFirst {
		x = Concatenate([]*Node{head(text), video, tail(text)}, 1)
		return x, Concatenate([]*Node{head(in.TextMask), in.FrameMask, tail(in.TextMask)}, 1)
	}
	return Concatenate([]*Node{video, text}, 1), Concatenate([]*Node{in.FrameMask, in.TextMask}, 1)
}

func head(x *Node) *Node { return SliceAxis(x, 1, AxisRange(0, 1)) }
func tail(x *Node) *Node { return SliceAxis(x, 1, AxisRangeToEnd(1)) }

// Embedding returns the video's embedding: RawEmbedding scaled to length one, [B,D].
func (m Model) Embedding(s Sequence) *Node {
	x := m.RawEmbedding(s)
	// torch.nn.functional.normalize: the norm is clipped from below at 1e-12.
	norm := Sqrt(MaxScalar(ReduceAndKeep(Square(x), ReduceSum, -1), 1e-24))
	return Div(x, norm)
}

// TagLogits scores every tag from x, the last layer at [CLS] [B,H] or the raw embedding [B,D], as tag_input says: [B,G] in the
// compute type.
func (m Model) TagLogits(x *Node) *Node {
	x.AssertDims(-1, m.Config.TagWidth())
	return m.Linear("tag_fc", MaxScalar(x, 0))
}

// TokenLogits scores the vocabulary at masked tokens x [M,H] of the last layer: [M,V] in the compute type.
func (m Model) TokenLogits(x *Node) *Node { return m.Head("cls.predictions", x) }

// FramePredictions predicts the features of masked frames x [P,H] of the last layer: [P,R] in the compute type.
func (m Model) FramePredictions(x *Node) *Node { return m.Head("mfm", x) }
