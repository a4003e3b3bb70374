// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"
	"testing"
)

func TestParseStat(t *testing.T) {
	for line, want := range map[string]process{
		"12 (go) S 3 12": {12, 3, "go"}, "7 (a) b) (c) R 1 0": {7, 1, "a) b) (c"}, "": {},
		"12 go S 3": {}, "12 )go( S 3": {}, "x (go) S 3": {}, "12 (go) S": {},
	} {
		if got, ok := parseStat(line); ok != (want.pid != 0) || ok && got != want {
			t.Errorf("%q: %+v, %t, want %+v", line, got, ok, want)
		}
	}
}

// TestInterruptWhatIsLeftBehind: a cell whose shell has ended, and has left a process in the background, ends with that.
func TestInterruptWhatIsLeftBehind(t *testing.T) {
	c := started(t)
	cell := c.execute("leave")
	c.until(cell, "stream", "running")
	c.command("interrupt_request", map[string]any{})
	c.reply(cell)
}

// FuzzStat: a line of /proc/PID/stat is a process with a name from it, or none.
func FuzzStat(f *testing.F) {
	for _, s := range []string{"", "1 (init) S 0 1", "7 (a) (b) R 3", "(", ")(", "1 (x) S", "99999999999999999999 (x) S 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if p, ok := parseStat(line); ok && !strings.Contains(line, "("+p.name+")") {
			t.Errorf("%q: %+v", line, p)
		}
	})
}
