// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

// training returns a report function for package trainer that shows its progress on stderr. The result of a validation stays
// on the screen, and so does what a finished run freed.
func (c *console) training() func(trainer.Progress) {
	return func(p trainer.Progress) {
		found := p.Stage == trainer.Validated || p.Stage == trainer.Freed
		ended := p.Trained() && p.Step == p.Steps
		c.progress("training", p.Line(), found || ended)
		if found {
			c.done()
		}
	}
}

// videos returns a report function for work that is counted in videos.
func (c *console) videos(what string) func(done, total int) {
	began, first := time.Time{}, 0
	return func(done, total int) {
		now := c.now()
		if began.IsZero() { // from the first report on: the time before it is compilation
			began, first = now, done
		}
		line := text.Progress{Work: what, Done: done, Total: total, Unit: string(trainer.Videos)}
		if spent := now.Sub(began).Seconds(); spent > 0 && done > first {
			line.Rate = float64(done-first) / spent
			line.Left = time.Duration(float64(total-done) / line.Rate * float64(time.Second))
		}
		c.progress(what, line, done == total)
	}
}

// note is a line of progress that is not counted.
func note(line string) text.Progress { return text.Progress{Work: line} }
