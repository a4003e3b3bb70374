// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/kernel/code"
)

// TestUnfitCell: it fails, and aborts those behind it; questions about it are answered.
func TestUnfitCell(t *testing.T) {
	c := started(t)
	cells := c.executeAll("! ", "print behind")
	reply := c.reply(cells[0])
	if got := reply["evalue"]; got != code.Unfit("! ") {
		t.Errorf("%v", reply)
	}
	if got := statuses(c, cells[1], c.execute("print after")); !slices.Equal(got, []string{"aborted", "ok"}) {
		t.Errorf("behind it and after it: %v", got)
	}
	if got := c.shown(cells[0]); got != "busy, error "+code.Unfit("! ")+", idle" {
		t.Errorf("shows %s", got)
	}
	for kind, want := range map[string]string{
		"complete_request": `{"cursor_end":2,"cursor_start":2,"matches":[],"metadata":{},"status":"ok"}`,
		"inspect_request":  `{"data":{},"found":false,"metadata":{},"status":"ok"}`,
	} {
		if got := encoded(t, c.ask(kind, map[string]any{"code": "! ", "cursor_pos": 9})); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
	last := c.execute("executed")
	c.reply(last)
	if got := c.shown(last); !strings.Contains(got, "prelude|print after|executed") {
		t.Errorf("executed: %s", got)
	}
}

// TestCursor: a position is in characters for front ends and in units of UTF-16 for GoNB.
func TestCursor(t *testing.T) {
	c := started(t)
	m := c.send("complete_request", map[string]any{"code": "\U0001f600\U0001f680b", "cursor_pos": 2})
	if got := encoded(t, c.reply(m)); got != `{"cursor_end":2,"cursor_start":2,"status":"ok","units":4}` {
		t.Errorf("a reply: %s", got)
	}
}
