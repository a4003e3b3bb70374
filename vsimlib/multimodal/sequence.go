// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/bert"
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

// packed lays the real positions alone side by side: text [B,T,H], video [Q,H] -> [R,L,H], and the mask of attention [R,L,L].
func packed(text, video *Node, p Packing) (x, mask *Node) {
	h := video.Shape().Dim(-1)
	places := Concatenate([]*Node{Reshape(text, -1, h), video}, 0) // [B·T+Q,H]
	p.Slot.AssertDims(places.Shape().Dimensions[0])
	p.Segment.AssertDims(p.Source.Shape().Dimensions...)
	return Gather(places, InsertAxes(p.Source, -1)), Equal(InsertAxes(p.Segment, 2), InsertAxes(p.Segment, 1))
}

// slots returns where in the packed rows the places have gone.
func (p Packing) slots(places *Node) *Node { return Gather(p.Slot, InsertAxes(places, -1)) }

// flat is Hidden with one row a position.
func (s Sequence) flat() *Node { return Reshape(s.Hidden, -1, s.Hidden.Shape().Dim(-1)) }

// At returns the last layer at places, as CLSPlaces, WordPlaces and FramePlaces number them: [len,H].
func (s Sequence) At(places *Node) *Node { return bert.Rows(s.Hidden, places) }

// CLSPlaces are those of [CLS] in the flat form of the encoder's rows, row·S + position: [B].
func (m Model) CLSPlaces(in Inputs) *Node {
	b, t := in.TextIDs.Shape().Dimensions[0], m.Config.TextLength()
	row := Iota(in.TextIDs.Graph(), shapes.Make(dtypes.Int32, b), 0)
	return m.WordPlaces(in, MulScalar(row, float64(t)))
}

// WordPlaces are those of positions [M] (int32, row·T + token) of the text blocks: [M].
func (m Model) WordPlaces(in Inputs, positions *Node) *Node {
	if in.Slot != nil {
		return in.slots(positions)
	}
	t, n := m.Config.TextLength(), m.Config.MaxFrames
	row, token := Div(positions, ConstAs(positions, t)), Mod(positions, ConstAs(positions, t))
	place := AddScalar(token, float64(n))
	if m.Config.Layout == recipe.CLSFirst {
		place = Where(Equal(token, ZerosLike(token)), token, place) // [CLS] leads, the frames follow it
	}
	return m.inRow(row, place)
}

// FramePlaces are those of positions [P] (int32, row·N + frame; packed: q) of the frame blocks: [P].
func (m Model) FramePlaces(in Inputs, positions *Node) *Node {
	if in.Slot != nil {
		return in.slots(AddScalar(positions, float64(in.TextIDs.Shape().Size())))
	}
	n := m.Config.MaxFrames
	row, place := Div(positions, ConstAs(positions, n)), Mod(positions, ConstAs(positions, n))
	if m.Config.Layout == recipe.CLSFirst {
		place = AddScalar(place, 1)
	}
	return m.inRow(row, place)
}

// inRow is a place of each row, where no row is packed.
func (m Model) inRow(row, place *Node) *Node {
	return Add(MulScalar(row, float64(m.Config.Sequence())), place)
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
