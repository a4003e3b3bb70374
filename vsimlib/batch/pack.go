// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"cmp"
	"math"
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

// Pack packs videos with this mask [B,T] of their tokens and so many frames each, q places of frames in all (not fewer than there are),
// into rows of the given length, at least usual ones. No video is longer than a row.
func Pack(textMask []int32, frames []int, q, length, usual int) Packing {
	b := len(frames)
	t := len(textMask) / b
	places := make([][]int32, b) // of each video
	lengths := make([]int, b)
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
		lengths[i] = len(places[i])
	}
	rows := bestFit(lengths, length)
	r := rowBudget(len(rows), usual, b)

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

// rowBudget is how many rows a batch of b videos gets that takes so many. XLA compiles a program for each number, so most batches have
// the usual one, and the others one of a few above it.
func rowBudget(taken, usual, b int) int {
	return min(b, usual+roundUp(max(0, taken-usual), max(2, usual/16)))
}

// bestFit shares videos out over rows of a length: the longest first, each to the fullest row that has room, or to a new one
// (best-fit decreasing). It returns the rows' videos.
func bestFit(lengths []int, length int) (rows [][]int) {
	order := make([]int, len(lengths))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lengths[b], lengths[a]) })
	var room []int // of each row
	for _, video := range order {
		best := -1
		for row, left := range room {
			if left >= lengths[video] && (best < 0 || left < room[best]) {
				best = row
			}
		}
		if best < 0 {
			best = len(rows)
			rows, room = append(rows, nil), append(room, length)
		}
		rows[best] = append(rows[best], video)
		room[best] -= lengths[video]
	}
	return rows
}

// rowSize is how packed rows are made for a corpus.
type rowSize struct {
	length    int     // L
	rate      float64 // rows that a video takes on the average
	deviation float64 // standard deviation of the videos' lengths, in rows
}

// A row may be so much longer than need be in all, if its length is less: attention costs less then.
const rowSlack = 1.02

// rowSizeOf is the row for videos of these lengths, none of which is above longest: the shortest, up to twice the longest, into which they
// go with little left over.
func rowSizeOf(lengths []int, longest int) rowSize {
	candidates := []int{longest}
	for l := roundUp(longest+1, packedStep); l <= 2*longest; l += packedStep {
		candidates = append(candidates, l)
	}
	rows, taken := make([]int, len(candidates)), make([]int, len(candidates)) // and places in them, fillers included
	for i, l := range candidates {
		rows[i] = len(bestFit(lengths, l))
		taken[i] = l * rows[i]
	}
	least := slices.Min(taken)
	i := slices.IndexFunc(taken, func(n int) bool { return float64(n) <= rowSlack*float64(least) })
	values := make([]float64, len(lengths))
	for k, l := range lengths {
		values[k] = float64(l)
	}
	length := candidates[i]
	return rowSize{length, float64(rows[i]) / float64(len(lengths)), math.Sqrt(sizeOf(values).variance) / float64(length)}
}

// packedStep is what lengths are multiples of, but for that of the longest video.
const packedStep = 8

// usual is the number of rows into which most batches of b videos go: the mean and one and a half standard deviations.
func (s rowSize) usual(b int) int {
	return min(b, int(math.Ceil(float64(b)*s.rate+1.5*math.Sqrt(float64(b))*s.deviation)))
}
