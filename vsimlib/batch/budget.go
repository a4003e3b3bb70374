// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"fmt"
	"math"

	"vsim/vsimlib/corpus"
)

// size is the mean and the variance of how many tokens or frames a video of a corpus has.
type size struct{ mean, variance float64 }

// sampleSize is how many videos Measure reads.
const sampleSize = 512

// Measure reads videos spread evenly over n (as corpus.Set's Len and Video return them) and sizes the lists of masked tokens and
// frames, and the packed rows, for that corpus. Without it they are sized for videos of full length, which is correct but computes
// more. The sizes do not depend on earlier batches, so a continued run has the same.
func (b *Builder) Measure(n int, video func(i int) (corpus.Video, error)) error {
	var tokens, frames []float64
	var lengths []int
	for k := range min(n, sampleSize) {
		v, err := video(int(int64(k) * int64(n) / int64(min(n, sampleSize))))
		if err != nil {
			return fmt.Errorf("batch: measuring: %w", err)
		}
		ids, mask := b.encode(&v)
		count := 0
		for _, id := range ids {
			if !b.tokens.Special(id) {
				count++
			}
		}
		tokens = append(tokens, float64(count))
		frames = append(frames, float64(min(v.NumFrames, b.config.MaxFrames)))
		length := min(v.NumFrames, b.config.MaxFrames)
		for _, real := range mask {
			length += int(real)
		}
		lengths = append(lengths, length)
	}
	if len(tokens) > 0 {
		b.masked, b.frames = sizeOf(tokens), sizeOf(frames)
		b.row = rowSizeOf(lengths, b.config.text()+b.config.MaxFrames)
	}
	return nil
}

func sizeOf(lengths []float64) size {
	var s size
	for _, x := range lengths {
		s.mean += x / float64(len(lengths))
	}
	for _, x := range lengths {
		s.variance += (x - s.mean) * (x - s.mean) / float64(len(lengths))
	}
	return s
}

// budget returns the length of a list of positions in a batch of b videos of at most most positions each, where count positions
// were chosen with probability p. XLA compiles one program per length, so the length is the same for nearly every batch: the
// expected number and three standard deviations, rounded up to a multiple of 8. A batch with more (one in a thousand) gets as many
// eighths more as it needs, because no position may be lost. The length is at least 1, because XLA does not take empty arrays.
func (s size) budget(p float64, b, most, count int) int {
	if p == 0 {
		return 1
	}
	rows := float64(b)
	deviation := math.Sqrt(rows * (p*(1-p)*s.mean + p*p*s.variance))
	base := max(8, roundUp(int(math.Ceil(rows*p*s.mean+3*deviation)), 8))
	over := roundUp(max(0, count-base), roundUp(base/8, 8))
	return min(b*most, base+over)
}

// roundUp returns the smallest multiple of step that is not below n.
func roundUp(n, step int) int { return (n + step - 1) / step * step }
