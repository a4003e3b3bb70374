// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"fmt"

	"vsim/vsimlib/corpus"
)

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
		v = b.config.seen(v)
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
		b.masked, b.frames = statsOf(tokens), statsOf(frames)
		b.row = rowSizeOf(lengths, b.config.text()+b.config.MaxFrames)
	}
	return nil
}
