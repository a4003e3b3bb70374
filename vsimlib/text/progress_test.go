// SPDX-License-Identifier: Apache-2.0

package text

import (
	"testing"
	"time"
	"unicode/utf8"
)

// TestProgressColumns: at 40, 80 and 120 columns the rate and the time left are there, and nothing is cut in two.
func TestProgressColumns(t *testing.T) {
	step := Progress{Work: "pretrain", Done: 110, Total: 600, Rate: 1890.4, Unit: "videos", Left: 80 * time.Second,
		More: []string{"epoch 0.2/1", "loss 21.85", "loss_tag 0.6529", "loss_mlm 7.123", "loss_mfm 3.9", "lr 0.0003"}}
	long := step
	long.Done, long.Total, long.Left, long.Rate = 100_000, 175_000, 20*time.Hour, 23.4
	for _, c := range []struct {
		p     Progress
		width int
		want  string
	}{
		{step, 40, "pretrain 110/600  1,890/s  1m20s left"},
		{step, 80, "pretrain ███░░░░░░░░░░░░░░░░░ 110/600  1,890 videos/s  1m20s left  epoch 0.2/1"},
		{step, 120, "pretrain ███░░░░░░░░░░░░░░░░░ 110/600  1,890 videos/s  1m20s left  epoch 0.2/1  loss 21.85  loss_tag 0.6529"},
		{long, 40, "███░░░ 100000/175000  23.4/s  20h0m left"},
		{long, 80, "pretrain ███████████░░░░░░░░░ 100000/175000  23.4 videos/s  20h0m left"},
		{Progress{Work: "embed", Done: 3, Total: 9}, 40, "embed ██████░░░░░░░░░░░░░░ 3/9"},
		{Progress{Work: "embed", Done: 3, Total: 9}, 20, "embed ███░░░░░░░ 3/9"},
		{Progress{Work: "study tasks", Done: 340, Total: 1000, Count: "34%", Left: time.Minute, More: []string{"3 of 24 tasks"}}, 40,
			"study tasks ████░░░░░░░░░ 34%  1m0s left"},
		{Progress{Work: "compiling the training step (4 of 9 steps done)"}, 40, "compiling the training step (4 of 9 ste…"},
	} {
		got := c.p.Columns(c.width)
		if got != c.want {
			t.Errorf("%d columns\ngot  %q\nwant %q", c.width, got, c.want)
		}
		if n := utf8.RuneCountInString(got); n > c.width {
			t.Errorf("%d columns in %d: %q", n, c.width, got)
		}
	}
	for width := range 130 { // no width makes it longer, or panics
		if n := utf8.RuneCountInString(step.Columns(width)); n > width && width > 0 {
			t.Errorf("%d columns in %d", n, width)
		}
	}
}

// TestProgressLog is the whole line.
func TestProgressLog(t *testing.T) {
	p := Progress{Work: "embed", Done: 5, Total: 9, Rate: 12.34, Unit: "videos", Left: 400 * time.Millisecond, More: []string{"more"}}
	if got, want := p.String(), "embed 5/9  12.3 videos/s  0.4 s left  more"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
