// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"strings"
	"testing"
)

// TestUnfit: a command that is blank, at which GoNB looks behind its end; what only looks like one is left to GoNB.
func TestUnfit(t *testing.T) {
	for code, line := range map[string]string{
		"":                              "",
		"%":                             "",
		"%%":                            "",
		"%%\nfmt.Println()":             "",
		"!ls":                           "",
		"!\\\nls":                       "",
		"%%script sh\n! ":               "",
		"%%bash\t\n! ":                  "",
		"%%writefile x\n% ":             "",
		"x := 1 % \\\n2":                "",
		"% ":                            "line 1: ",
		"%%\n!\t \nx := 1":              "line 2: ",
		"!\\":                           "line 1: ",
		"!\\\n\nx := 1":                 "line 1: ",
		"x := 1\n" + gonbComment + "! ": "line 2: ",
		"%%script":                      "line 1: ",
		gonbComment + "%%script ":       "line 1: ",
	} {
		if got := unfit(code); !strings.HasPrefix(got, line) || (got == "") != (line == "") || strings.Contains(got, "\n") {
			t.Errorf("%q: %q, want %q", code, got, line)
		}
	}
}

// TestUnfitCell: it fails, and aborts those behind it; questions about it are answered.
func TestUnfitCell(t *testing.T) {
	c := started(t)
	cells := c.executeAll("! ", "print behind")
	reply := c.reply(cells[0])
	if got := reply["evalue"]; got != unfit("! ") {
		t.Errorf("%v", reply)
	}
	if got := statuses(c, cells[1], c.execute("print after")); !slices.Equal(got, []string{"aborted", "ok"}) {
		t.Errorf("behind it and after it: %v", got)
	}
	if got := c.shown(cells[0]); got != "busy, error "+unfit("! ")+", idle" {
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
