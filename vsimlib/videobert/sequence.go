// SPDX-License-Identifier: Apache-2.0

package videobert

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/recipe"
)

// Packing says how the real positions of the videos lie side by side in R rows of L (see batch.Packing). The zero value is none:
// each video has a row of its own, padding included.
type Packing struct {
	FrameNumber *Node // [Q] int32
	Source      *Node // [R,L] int32
	Segment     *Node // [R,L] int32
	Slot        *Node // [B·T+Q] int32
}

// Sequence is the encoder's last layer for B videos.
type Sequence struct {
	Hidden *Node // [B,S,H] float32; packed: [R,L,H]
	Mask   *Node // [B,S], 1 = real position; packed: nil
	Packing
	videos int // B
}

// packed encodes the real positions alone: text [B,T,H], video [Q,H].
func (m Model) packed(text, video *Node, p Packing) Sequence {
	h := m.Config.HiddenSize
	b := text.Shape().Dimensions[0]
	places := Concatenate([]*Node{Reshape(text, -1, h), video}, 0) // [B·T+Q,H]
	p.Slot.AssertDims(places.Shape().Dimensions[0])
	p.Segment.AssertDims(p.Source.Shape().Dimensions...)
	x := Gather(places, InsertAxes(p.Source, -1)) // [R,L,H]
	same := Equal(InsertAxes(p.Segment, 2), InsertAxes(p.Segment, 1))
	return Sequence{Hidden: m.Encoder(x, same), Packing: p, videos: b}
}

// flat is Hidden with one row a position.
func (s Sequence) flat() *Node {
	dims := s.Hidden.Shape().Dimensions
	return Reshape(s.Hidden, dims[0]*dims[1], dims[2])
}

// rowsAt returns the rows of Hidden at places in its flat form: [len,H].
func (s Sequence) rowsAt(places *Node) *Node { return Gather(s.flat(), InsertAxes(places, -1)) }

// slots returns where in the packed rows the places have gone.
func (s Sequence) slots(places *Node) *Node { return Gather(s.Slot, InsertAxes(places, -1)) }

// CLS returns the last layer at [CLS]: [B,H].
func (m Model) CLS(s Sequence) *Node {
	if s.Slot != nil {
		t := m.Config.TextLength()
		text := Reshape(Slice(s.Slot, AxisRange(0, s.videos*t)), s.videos, t)
		return s.rowsAt(Squeeze(SliceAxis(text, 1, AxisElem(0)), 1))
	}
	at := 0
	if m.Config.Layout == recipe.FramesFirst {
		at = m.Config.MaxFrames
	}
	return Squeeze(SliceAxis(s.Hidden, 1, AxisElem(at)), 1)
}

// TextAt returns the last layer at positions [M] (int32, row·T + token) of the text blocks: [M,H].
func (m Model) TextAt(s Sequence, positions *Node) *Node {
	if s.Slot != nil {
		return s.rowsAt(s.slots(positions))
	}
	t, n := m.Config.TextLength(), m.Config.MaxFrames
	row, token := Div(positions, ConstAs(positions, t)), Mod(positions, ConstAs(positions, t))
	place := AddScalar(token, float64(n))
	if m.Config.Layout == recipe.CLSFirst {
		place = Where(Equal(token, ZerosLike(token)), token, place) // [CLS] leads, the frames follow it
	}
	return s.at(row, place)
}

// FramesAt returns the last layer at positions [P] (int32, row·N + frame; packed: q) of the frame blocks: [P,H].
func (m Model) FramesAt(s Sequence, positions *Node) *Node {
	if s.Slot != nil {
		return s.rowsAt(s.slots(AddScalar(positions, float64(s.videos*m.Config.TextLength()))))
	}
	n := m.Config.MaxFrames
	row, place := Div(positions, ConstAs(positions, n)), Mod(positions, ConstAs(positions, n))
	if m.Config.Layout == recipe.CLSFirst {
		place = AddScalar(place, 1)
	}
	return s.at(row, place)
}

// at returns the last layer at a place of each row, where no row is packed.
func (s Sequence) at(row, place *Node) *Node {
	return s.rowsAt(Add(Mul(row, ConstAs(row, s.Hidden.Shape().Dimensions[1])), place))
}

// RawEmbedding pools the sequence and projects it: [B,E], before the L2 normalisation (E7). Pooling "mean" and "attention" run
// over every position, padding included, as released; their masked_ twins over real positions only.
//
//	E7: e = W·Σ_s w_s x_s + b,  w_s = 1/S  or  softmax_s(u·tanh(V x_s + c) + d)
//
// Paper: section 2.1. Differs: the paper does not say that padding takes part.
func (m Model) RawEmbedding(s Sequence) *Node {
	var pooled *Node // [B,H]
	if s.Slot == nil {
		pooled = ReduceSum(Mul(m.poolingWeights(s.Hidden, s.real()), s.Hidden), 1)
	} else { // all positions for each video, with weight 0 where they are another's
		w := m.poolingWeights(InsertAxes(s.flat(), 0), s.real()) // [B,R·L,1]
		pooled = Einsum("bs,sh->bh", Squeeze(w, -1), s.flat())
	}
	return ConvertDType(m.Linear("embedding_fc", pooled), dtypes.Float32)
}

// real is 1 for the positions that are a video's own, [B,S,1] or, packed, [B,R·L,1].
func (s Sequence) real() *Node {
	mask := s.Mask
	if s.Slot != nil {
		segment := Reshape(s.Segment, 1, -1)
		video := Iota(segment.Graph(), shapes.Make(dtypes.Int32, s.videos, 1), 0)
		mask = Equal(segment, video)
	}
	return InsertAxes(ConvertDType(mask, dtypes.Float32), -1)
}

// poolingWeights are those of x [B,S,H] (or [1,S,H], the same positions for every video), [B,S,1]; they sum to 1 over S. Where the
// pooling is masked they are 0 where real [B,S,1] is.
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
