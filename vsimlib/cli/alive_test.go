// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"testing"
	"time"
)

// TestAliveInALog: no silence of a log is longer than ten seconds, and each line says for how long its work has gone on.
func TestAliveInALog(t *testing.T) {
	c, text, pass := screen(false, 80)
	c.alive()
	expect(t, text, "")
	_, _ = fmt.Fprintln(stepLog{c}, "vsim: installing it")
	for range 20 {
		pass(aliveEvery)
		c.alive()
	}
	expect(t, text, "vsim: installing it\nvsim: installing it  (7s)\nvsim: installing it  (14s)\n")
	pass(longWork)
	c.alive()
	text.Reset()
	pass(logSilence)
	c.alive()
	expect(t, text, "")
	pass(longSilence)
	c.alive()
	expect(t, text, "vsim: installing it  (11m27s)\n")
	c.Idle()
	pass(time.Minute)
	c.alive()
	expect(t, text, "")
	c.Progress("work", Note("1/9"), false)
	c.Progress("work", Note("2/9"), false) // too soon for a line of its own
	pass(logSilence)
	c.alive()
	c.Done()
	pass(time.Minute)
	c.alive()
	expect(t, text, "vsim: 1/9\nvsim: 2/9  (7s)\n")
}

// TestAliveInATerminal: the line gets the time, within the screen's width, and the next line replaces it.
func TestAliveInATerminal(t *testing.T) {
	c, text, pass := screen(true, 20)
	_, _ = fmt.Fprintln(stepLog{c}, "vsim: installing all of it")
	pass(terminalSilence)
	c.alive()
	pass(aliveEvery)
	c.alive()
	_, _ = fmt.Fprintln(stepLog{c}, "vsim: more")
	expect(t, text, "vsim: installing all of it\ninstalling a…  (2s)\r\x1b[Kinstalling a…  (3s)\r\x1b[Kvsim: more\n")
	pass(time.Minute)
	c.alive()
	c.Idle()
	expect(t, text, "more  (1m0s)\r\x1b[K")
	c.Progress("work", Note("1/9"), false)
	pass(terminalSilence)
	c.alive()
	c.Progress("work", Note("2/9"), false)
	expect(t, text, "1/9\r\x1b[K1/9  (2s)\r\x1b[K2/9")
}

// TestAliveIsClean: what steers a terminal is in no line, also not in one that is shown again.
func TestAliveIsClean(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		c, text, pass := screen(terminal, 80)
		c.Begin(Note("a\x1b[2J\nb"))
		pass(logSilence)
		c.alive()
		if terminal {
			expect(t, text, "a[2J b  (7s)")
		} else {
			expect(t, text, "vsim: a[2J b  (7s)\n")
		}
		c.Idle()
		text.Reset()
		_, _ = fmt.Fprintln(c.Steps(), "vsim: a\x1b[2J")
		expect(t, text, "vsim: a[2J\n")
	}
}
