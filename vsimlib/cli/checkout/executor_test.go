// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/cli"
	"vsim/vsimlib/jupyter"
)

func TestCellLines(t *testing.T) {
	var text strings.Builder
	clock := time.Unix(1000, 0)
	screen := cli.Screen{Writer: &text, Now: func() time.Time { return clock }}
	report := cells(cli.NewConsole(screen), "00_quickstart")
	for _, e := range []jupyter.Event{
		{State: jupyter.Started, Cells: 3},
		{State: jupyter.Running, Cell: 1, Cells: 3},
		{State: jupyter.Output, Cell: 2, Cells: 3, Text: "step 1\x1b[K " + strings.Repeat("x", 200)},
	} {
		report(e)
		clock = clock.Add(time.Minute)
	}
	expect(t, &text, "vsim: 00_quickstart: 3 cells\nvsim: 00_quickstart: cell 1/3\n"+
		"vsim: 00_quickstart: cell 2/3  step 1\ufffd[K "+strings.Repeat("x", 90)+"…\n")
	for width, want := range map[int]string{40: "cell 3/9  pretrain m: step 11 of 60",
		80: "00_quickstart: cell 3/9  pretrain m: step 11 of 60  1,890 videos/s  1m20s left"} {
		screen.Terminal, screen.Width = true, func() int { return width }
		cells(cli.NewConsole(screen), "00_quickstart")(jupyter.Event{State: jupyter.Output, Cell: 3, Cells: 9,
			Text: "pretrain m: step 11 of 60 · 1,890 videos/s · 1m20s left · epoch 0.2/1"})
		expect(t, &text, want)
	}
}

func expect(t *testing.T, text *strings.Builder, want string) {
	t.Helper()
	if got := text.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	text.Reset()
}
