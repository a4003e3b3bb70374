// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/corpus"
)

// RowArrays are what the encoder reads where each of B videos has a row of its own, of L positions. A position has one number in
// the arrays: b·T + t of a token, B·T + q of a frame.
type RowArrays[T comparable] struct {
	TextIDs     T // [B,T] int32
	Frames      T // [Q,R] float16, the real frames of all videos one after the other, then zeros; Q is a function of B and L
	FrameNumber T // [Q] int32, index of the frame in its video; fillers 0
	Source      T // [B,L] int32, number of the position that this element of a row holds; fillers 0
	Real        T // [B,L] int32, 1 = a position of the video, 0 = filler
}

// Rows is the arrays on the host.
type Rows = RowArrays[*tensors.Tensor]

// Fields lists the arrays in the order in which programs take them.
func (a *RowArrays[T]) Fields() []Field[T] {
	return []Field[T]{
		{"text_ids", true, &a.TextIDs},
		{"frames", false, &a.Frames},
		{"frame_number", false, &a.FrameNumber},
		{"source", true, &a.Source},
		{"real", true, &a.Real},
	}
}

// RowLength returns the length of a video's row: its positions, rounded up to a multiple of 8 but not above those of the longest
// video. It depends on nothing but the video.
func (b *Builder) RowLength(v *corpus.Video) int {
	c := b.config
	seen := c.seen(*v)
	_, mask := b.encode(&seen)
	length := min(seen.NumFrames, c.MaxFrames)
	for _, real := range mask {
		length += int(real)
	}
	return min(roundUp(length, packedStep), c.text()+c.MaxFrames)
}

// Rows returns the arrays of videos for rows of a length, which none of them exceeds; the builder must pack. Their shapes are
// functions of the number of videos and the length alone, so that one program computes every batch of a length.
func (b *Builder) Rows(videos []corpus.Video, length int) (Rows, error) {
	c := b.config
	if !c.Pack {
		return Rows{}, errors.New("batch: rows of one video for a model that includes the padding")
	}
	r, err := b.readFrames(videos, len(videos)*min(c.MaxFrames, length))
	if err != nil {
		return Rows{}, err
	}
	in := Inputs{TextIDs: tensors.FromFlatDataAndDimensions(r.ids, r.count, c.text()), Frames: r.frames}
	rows, full := RowsOf(in, r.mask, r.shots, length)
	if full >= 0 {
		return Rows{}, fmt.Errorf("batch: video %d has more positions than the %d of its row", videos[full].ID, length)
	}
	return rows, nil
}

// RowsOf assigns the positions of videos to rows of a length: in has their texts and, one after the other, their frames, textMask
// [B,T] is 1 for real tokens, and frames [B] the number of frames of each video. full is the first video that has no room in its
// row, or -1.
func RowsOf(in Inputs, textMask []int32, frames []int, length int) (rows Rows, full int) {
	b, q := len(frames), in.Frames.Shape().Dim(0)
	t, next := len(textMask)/b, 0
	numbers, source, real := make([]int32, q), make([]int32, b*length), make([]int32, b*length)
	full = -1
	for i := range b {
		at, end := i*length, (i+1)*length
		put := func(position int) {
			if at < end {
				source[at], real[at] = int32(position), 1
			} else if full < 0 {
				full = i
			}
			at++
		}
		for k := range t {
			if textMask[i*t+k] == 1 {
				put(i*t + k)
			}
		}
		for k := range frames[i] {
			numbers[next] = int32(k)
			put(b*t + next)
			next++
		}
	}
	return Rows{
		TextIDs: in.TextIDs, Frames: in.Frames, FrameNumber: tensors.FromFlatDataAndDimensions(numbers, q),
		Source: tensors.FromFlatDataAndDimensions(source, b, length), Real: tensors.FromFlatDataAndDimensions(real, b, length),
	}, full
}
