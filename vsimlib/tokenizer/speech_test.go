// SPDX-License-Identifier: Apache-2.0

package tokenizer

import (
	"slices"
	"testing"

	"vsim/vsimlib/competition"
)

// TestEncodeSpeech: title and speech are 的 (4638) and 一 (671); 101 is [CLS], 102 [SEP], 0 [PAD].
func TestEncodeSpeech(t *testing.T) {
	tok := load(t)
	const a, b = 4638, 671
	for _, c := range []struct {
		title, speech, layout string
		maxText, maxASR       int
		want                  []int32
	}{
		{"的的", "一一一", competition.LayoutCLSFirst, 5, 4, []int32{101, 102, a, a, 102, b, b, b, 102}},
		{"的的", "一一一", competition.LayoutFramesFirst, 4, 4, []int32{101, a, a, 102, b, b, b, 102}},
		{"的的的的", "一一一一", competition.LayoutFramesFirst, 4, 3, []int32{101, a, a, 102, b, b, 102}}, // both lose their ends
		{"的", "一一一一", competition.LayoutFramesFirst, 6, 2, []int32{101, a, 102, b, b, b, b, 102}}, // room that the title leaves
		{"", "一", competition.LayoutCLSFirst, 5, 2, []int32{101, 102, 102, b, 102, 0, 0}},
		{"的", "", competition.LayoutCLSFirst, 5, 2, []int32{101, 102, a, 102, 0, 0, 0}},
		{"的", " \u200b", competition.LayoutCLSFirst, 5, 2, []int32{101, 102, a, 102, 0, 0, 0}},
		{"的的", "一", competition.LayoutFramesFirst, 4, 1, []int32{101, a, a, 102, 0}}, // no room for a word and its [SEP]
		{"的", "一", competition.LayoutFramesFirst, 6, 0, []int32{101, a, 102, 0, 0, 0}},
		{"的", "一", competition.LayoutFramesFirst, 0, 3, []int32{b, 102, 0}},
	} {
		ids, mask := tok.Encode(c.title, c.speech, c.layout, c.maxText, c.maxASR)
		if !slices.Equal(ids, c.want) {
			t.Errorf("%q, %q in %s %d+%d: %v, want %v", c.title, c.speech, c.layout, c.maxText, c.maxASR, ids, c.want)
		}
		for i, m := range mask {
			if (m == 1) != (ids[i] != tok.PadID) || len(mask) != len(ids) {
				t.Errorf("%q, %q: mask %v of %v", c.title, c.speech, mask, ids)
			}
		}
	}
}
