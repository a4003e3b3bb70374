// SPDX-License-Identifier: Apache-2.0

package report

import (
	"testing"

	"vsim/vsimlib/results"
)

// TestSequence: padding at the end of a title, or of the frames, is one row; everything else has a row of its own.
func TestSequence(t *testing.T) {
	list := []results.Position{{Index: 0, Holds: "[CLS]", Token: "101", Mask: 1}, {Index: 1, Holds: "frame 1", Mask: 1},
		{Index: 2, Holds: "no frame", PositionID: 1}, {Index: 3, Holds: "no frame", PositionID: 2},
		{Index: 4, Holds: "狗", Token: "4318", PositionID: 1, Mask: 1}, {Index: 5, Holds: "狗", Token: "4318", PositionID: 2, Mask: 1},
		{Index: 6, Holds: "[PAD]", Token: "0", PositionID: 3}}
	const want = "| position | holds | input_id | position_id | attention_mask |\n| --- | --- | --- | --- | --- |\n" +
		"| 0 | [CLS] | 101 | 0 | 1 |\n| 1 | frame 1 |  | 0 | 1 |\n| 2 to 3 | no frame, 2 times |  | 1 to 2 | 0 |\n" +
		"| 4 | 狗 | 4318 | 1 | 1 |\n| 5 | 狗 | 4318 | 2 | 1 |\n| 6 | [PAD] | 0 | 3 | 0 |\n"
	if got := Sequence(list).PlainMarkdown(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if rows := Sequence(nil).Rows; len(rows) != 0 {
		t.Errorf("of nothing %v", rows)
	}
}
