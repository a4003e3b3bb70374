// SPDX-License-Identifier: Apache-2.0

package corpus

import "vsim/vsimlib/corpus/schema"

// Video is one record.
type Video = schema.Video

// AppendVideo appends the record of v in the competition's schema to dst. Without labels, tag_id and category_id are left out, as
// in the tests.
func AppendVideo(dst []byte, v Video, labels bool) ([]byte, error) {
	return schema.AppendVideo(dst, v, labels)
}

// Finite reports whether little-endian float16 values are neither infinite nor NaN.
func Finite(frame []byte) bool { return schema.Finite(frame) }

// SampleFrames picks which of n frames are used where at most max fit: all, or else the midpoints of max equal strides,
// floor((i + 1/2) n / max).
//
// Differs: the released code takes round((i + 1/2) (n - 1) / max), which repeats frames and for n = max+1 picks none; the
// competition's videos have at most 32 frames, so there neither is ever used.
func SampleFrames(n, max int) []int {
	picked := make([]int, min(n, max))
	for i := range picked {
		picked[i] = i
		if n > max {
			picked[i] = (2*i + 1) * n / (2 * max)
		}
	}
	return picked
}
