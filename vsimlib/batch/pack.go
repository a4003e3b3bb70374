// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"cmp"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
)

// Pack puts the real positions of B videos next to each other in C rows of L, several videos per row, so that the encoder computes
// nothing on padding. The order inside a video does not matter to the encoder: positions are part of the embeddings. Of the frames,
// only the real ones are in the arrays: Q of them, one after the other, then fillers. A position has one number in the arrays:
// b·T + t of a token, B·T + q of a frame.
//
// textMask [B,T] is 1 for real tokens, frames [B] the number of frames of each video and q is Q, which is not below their sum.
// There are at least usual rows of the given length. No video is longer than a row.
func Pack(textMask []int32, frames []int, q, length, usual int) Packing {
	b := len(frames)
	t := len(textMask) / b
	positions := make([][]int32, b) // of each video
	lengths := make([]int, b)
	numbers, next := make([]int32, q), 0
	for i := range b {
		for k := range t {
			if textMask[i*t+k] == 1 {
				positions[i] = append(positions[i], int32(i*t+k))
			}
		}
		for k := range frames[i] {
			numbers[next] = int32(k)
			positions[i] = append(positions[i], int32(b*t+next))
			next++
		}
		lengths[i] = len(positions[i])
	}
	rows := bestFit(lengths, length)
	c := rowBudget(len(rows), usual, b)

	source, segment, slot := make([]int32, c*length), make([]int32, c*length), make([]int32, b*t+q)
	for i := range segment {
		segment[i] = -1
	}
	for row, videos := range rows {
		at := row * length
		for _, video := range videos {
			for _, position := range positions[video] {
				source[at], segment[at], slot[position] = position, int32(video), int32(at)
				at++
			}
		}
	}
	return Packing{
		FrameNumber: tensors.FromFlatDataAndDimensions(numbers, q),
		Source:      tensors.FromFlatDataAndDimensions(source, c, length),
		Segment:     tensors.FromFlatDataAndDimensions(segment, c, length),
		Slot:        tensors.FromFlatDataAndDimensions(slot, len(slot)),
	}
}

// rowBudget returns how many rows a batch of b videos gets that needs needed ones. XLA compiles a program for each number, so most
// batches get the usual number, and the others one of a few above it.
func rowBudget(needed, usual, b int) int {
	return min(b, usual+roundUp(max(0, needed-usual), max(2, usual/16)))
}

// bestFit distributes videos over rows of a length: the longest first, each to the fullest row that has room, or to a new row
// (best-fit decreasing). It returns the videos of each row.
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

// rowSize is the size of packed rows for a corpus.
type rowSize struct {
	length    int     // L
	rate      float64 // rows per video, on average
	deviation float64 // standard deviation of the videos' lengths, in rows
}

// rowSlack is how much more padding than the least a shorter row may cause: attention costs less on it.
const rowSlack = 1.02

// rowSizeOf returns the row for videos of these lengths, none of which is above longest: the shortest row, up to twice the longest
// video, that the videos fill with little padding.
func rowSizeOf(lengths []int, longest int) rowSize {
	candidates := []int{longest}
	for l := roundUp(longest+1, packedStep); l <= 2*longest; l += packedStep {
		candidates = append(candidates, l)
	}
	rows, filled := make([]int, len(candidates)), make([]int, len(candidates)) // filled: positions in them, fillers included
	for i, l := range candidates {
		rows[i] = len(bestFit(lengths, l))
		filled[i] = l * rows[i]
	}
	least := slices.Min(filled)
	i := slices.IndexFunc(filled, func(n int) bool { return float64(n) <= rowSlack*float64(least) })
	values := make([]float64, len(lengths))
	for k, l := range lengths {
		values[k] = float64(l)
	}
	length := candidates[i]
	return rowSize{length, float64(rows[i]) / float64(len(lengths)), math.Sqrt(statsOf(values).variance) / float64(length)}
}

// packedStep divides the lengths of rows, except that of the longest video.
const packedStep = 8

// usual returns the number of rows that suffices for most batches of b videos: the mean and one and a half standard deviations.
func (s rowSize) usual(b int) int {
	return min(b, int(math.Ceil(float64(b)*s.rate+1.5*math.Sqrt(float64(b))*s.deviation)))
}
