// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"cmp"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
)

// Packing lays the real positions of B videos side by side in R rows of L, several videos a row, so that the encoder computes
// nothing on padding. The order inside a video does not matter to it: positions are in the embeddings. Of the frames, only the real
// ones are in the arrays at all: Q of them, one after the other, fillers at the end. A place in the arrays has one number: b·T + t of a
// token, B·T + q of a frame.
type Packing struct {
	FrameNumber *tensors.Tensor // [Q] int32, which frame of its video; fillers 0
	Source      *tensors.Tensor // [R,L] int32, the place that stands here; fillers 0
	Segment     *tensors.Tensor // [R,L] int32, its video's row in the batch; fillers -1
	Slot        *tensors.Tensor // [B·T+Q] int32, where in R·L a place has gone; 0 for padding
}

// A packed row has so many videos on the average. More make rows of more equal length; attention costs as much again with each.
const packedVideos = 4

// packedStep is what L is a multiple of: XLA compiles a program for each L.
const packedStep = 8

// Pack packs videos with this mask [B,T] of their tokens and so many frames each, q places of frames in all (not fewer than there are).
// mean is the usual length of a video of the corpus: rows are at least as long as such videos need, so that the shorter half of
// the batches shares one program.
func Pack(textMask []int32, frames []int, q int, mean float64) Packing {
	b := len(frames)
	t := len(textMask) / b
	places := make([][]int32, b) // of each video
	numbers, next := make([]int32, q), 0
	for i := range b {
		for k := range t {
			if textMask[i*t+k] == 1 {
				places[i] = append(places[i], int32(i*t+k))
			}
		}
		for k := range frames[i] {
			numbers[next] = int32(k)
			places[i] = append(places[i], int32(b*t+next))
			next++
		}
	}
	r := (b + packedVideos - 1) / packedVideos
	rows, length := balance(places, r)
	length = roundUp(max(length, int(mean*float64(b)/float64(r))), packedStep)

	source, segment, slot := make([]int32, r*length), make([]int32, r*length), make([]int32, b*t+q)
	for i := range segment {
		segment[i] = -1
	}
	for row, videos := range rows {
		at := row * length
		for _, video := range videos {
			for _, place := range places[video] {
				source[at], segment[at], slot[place] = place, int32(video), int32(at)
				at++
			}
		}
	}
	return Packing{
		FrameNumber: tensors.FromFlatDataAndDimensions(numbers, q),
		Source:      tensors.FromFlatDataAndDimensions(source, r, length),
		Segment:     tensors.FromFlatDataAndDimensions(segment, r, length),
		Slot:        tensors.FromFlatDataAndDimensions(slot, len(slot)),
	}
}

// balance shares videos out over r rows: the longest first, each to the row that is shortest so far (Graham's LPT rule). It returns the
// rows' videos and the length of the longest row.
func balance(places [][]int32, r int) (rows [][]int, longest int) {
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(places[b]), len(places[a])) })
	rows, lengths := make([][]int, r), make([]int, r)
	for _, video := range order {
		shortest := 0
		for row := range lengths {
			if lengths[row] < lengths[shortest] {
				shortest = row
			}
		}
		rows[shortest] = append(rows[shortest], video)
		lengths[shortest] += len(places[video])
	}
	return rows, slices.Max(lengths)
}
