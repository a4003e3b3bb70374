// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/bert"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/own"
	"vsim/vsimlib/product"
	"vsim/vsimlib/recipe"
)

// Sequence is the encoder's last layer for B videos.
type Sequence struct {
	Hidden *Node // [B,S,H] float32; packed: [C,L,H]
	Mask   *Node // [B,S], 1 = real position; packed: nil
	Packing
	videos int  // B
	first  bool // [CLS] is the first position of each row, whatever the layout
}

// packed gathers the real positions into packed rows: text [B,T,H], video [Q,H] -> [C,L,H], and the mask of attention [C,L,L].
func packed(text, video *Node, p Packing) (x, mask *Node) {
	h := video.Shape().Dim(-1)
	all := Concatenate([]*Node{Reshape(text, -1, h), video}, 0) // [B·T+Q,H]
	p.Slot.AssertDims(all.Shape().Dimensions[0])
	p.Segment.AssertDims(p.Source.Shape().Dimensions...)
	return Gather(all, InsertAxes(p.Source, -1)), Equal(InsertAxes(p.Segment, 2), InsertAxes(p.Segment, 1))
}

// slots returns the indices in the packed rows of positions of the arrays.
func slots(p Packing, positions *Node) *Node { return Gather(p.Slot, InsertAxes(positions, -1)) }

// flat is Hidden with one row per position.
func (s Sequence) flat() *Node { return Reshape(s.Hidden, -1, s.Hidden.Shape().Dim(-1)) }

// At returns the last layer at indices [I], as CLSIndices, TokenIndices and FrameIndices compute them: [I,H].
func (s Sequence) At(indices *Node) *Node { return bert.Rows(s.Hidden, indices) }

// CLSIndices returns the indices of [CLS] in the flat form of the encoder's rows, b·S + position: [B].
func (m Model) CLSIndices(in Inputs) *Node {
	return m.clsIndices(in.TextIDs.Graph(), in.PackingArrays, in.TextIDs.Shape().Dimensions[0])
}

// clsIndices is CLSIndices of b videos.
func (m Model) clsIndices(g *Graph, p Packing, b int) *Node {
	row := Iota(g, shapes.Make(dtypes.Int32, b), 0)
	return m.tokenIndices(p, MulScalar(row, float64(m.Config.TextLength())))
}

// TokenIndices returns the same for positions [M] (int32, b·T + token) of the texts: [M].
func (m Model) TokenIndices(in Inputs, positions *Node) *Node {
	return m.tokenIndices(in.PackingArrays, positions)
}

func (m Model) tokenIndices(p Packing, positions *Node) *Node {
	if p.Slot != nil {
		return slots(p, positions)
	}
	t, f := m.Config.TextLength(), m.Config.MaxFrames
	row, token := Div(positions, ConstAs(positions, t)), Mod(positions, ConstAs(positions, t))
	column := AddScalar(token, float64(f))
	if m.Config.Layout == competition.LayoutCLSFirst {
		column = Where(Equal(token, ZerosLike(token)), token, column) // [CLS] leads, the frames follow it
	}
	return m.inRow(row, column)
}

// FrameIndices returns the same for positions [P] (int32, b·F + frame; packed: q) of the frames: [P].
func (m Model) FrameIndices(in Inputs, positions *Node) *Node {
	if in.Slot != nil {
		return slots(in.PackingArrays, AddScalar(positions, float64(in.TextIDs.Shape().Size())))
	}
	f := m.Config.MaxFrames
	row, column := Div(positions, ConstAs(positions, f)), Mod(positions, ConstAs(positions, f))
	if m.Config.Layout == competition.LayoutCLSFirst {
		column = AddScalar(column, 1)
	}
	return m.inRow(row, column)
}

// inRow is row·S + column, where no row is packed.
func (m Model) inRow(row, column *Node) *Node {
	return Add(MulScalar(row, float64(m.Config.Sequence())), column)
}

// RawEmbedding pools the sequence and projects it: [B,D], before the L2 normalisation (E7). Pooling "mean" and "attention" run
// over every position, padding included, as released; masked_mean and masked_attention over real positions only. Of pooling "cls"
// the weight of [CLS] is 1 and all others are 0. A function of the user's (package own) pools in its own way.
//
//	E7: e = W·Σ_s w_s x_s + b,  w_s = 1/S  or  softmax_s(u·tanh(V x_s + c) + d)
//
// Paper: section 2.1. Differs: the paper does not say that padding takes part.
func (m Model) RawEmbedding(s Sequence) *Node {
	var pooled *Node // [B,H]
	switch {
	case m.Config.Pooling == recipe.CLS && s.first:
		pooled = Squeeze(SliceAxis(s.Hidden, 1, AxisElem(0)), 1)
	case m.Config.Pooling == recipe.CLS:
		pooled = s.At(m.clsIndices(s.Hidden.Graph(), s.Packing, s.videos))
	case recipe.IsOwn(m.Config.Pooling): // of which no video is packed
		pooled = own.Pool(m.Config.Pooling, s.Hidden, ConvertDType(s.Mask, dtypes.Float32))
	case s.Slot == nil:
		pooled = ReduceSum(Mul(m.poolingWeights(s.Hidden, s.real()), s.Hidden), 1)
	default: // all positions for each video, with weight 0 where they belong to another
		w := m.poolingWeights(InsertAxes(s.flat(), 0), s.real()) // [B,C·L,1]
		pooled = product.Of(m.Compute(Squeeze(w, -1)), 1, nil, m.Compute(s.flat()), 0, nil)
	}
	return ConvertDType(m.Linear("embedding_fc", pooled), dtypes.Float32)
}

// real is 1 for the positions that belong to a video, [B,S,1] or, packed, [B,C·L,1].
func (s Sequence) real() *Node {
	mask := s.Mask
	if s.Slot != nil {
		segment := Reshape(s.Segment, 1, -1)
		video := Iota(segment.Graph(), shapes.Make(dtypes.Int32, s.videos, 1), 0)
		mask = Equal(segment, video)
	}
	return InsertAxes(ConvertDType(mask, dtypes.Float32), -1)
}

// poolingWeights returns the weights [B,S,1] of x [B,S,H] (or [1,S,H], the same positions for every video); they sum to 1 over S.
// Where the pooling is masked, they are 0 where real [B,S,1] is.
func (m Model) poolingWeights(x, real *Node) *Node {
	masked := m.Config.Masked()
	if !masked {
		real = OnesLike(real)
	}
	if !m.Config.AttentionPooling() {
		return Div(real, ReduceAndKeep(real, ReduceSum, 1))
	}
	score := m.Linear("attention_pool.score", Tanh(m.Linear("attention_pool.dense", x)))
	score = BroadcastToDims(ConvertDType(score, dtypes.Float32), real.Shape().Dimensions...)
	if masked {
		score = Where(Equal(real, ZerosLike(real)), ConstAs(score, -1e30), score)
	}
	return Softmax(score, 1)
}
