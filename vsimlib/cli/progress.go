// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"time"

	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

// Training returns a report function for package trainer that shows its progress on stderr. The result of a validation stays
// on the screen, and so do the memory that the compiler plans and what a finished run freed.
func (c *Console) Training() func(trainer.Progress) {
	return func(p trainer.Progress) {
		found := p.Stage == trainer.Validated || p.Stage == trainer.Freed || p.Stage == trainer.Planned
		ended := p.Trained() && p.Step == p.Steps
		c.Progress("training", p.Line(), found || ended)
		if found {
			c.Done()
		}
	}
}

// Videos returns a report function for work that is counted in videos.
func (c *Console) Videos(what string) func(done, total int) {
	began, first := time.Time{}, 0
	return func(done, total int) {
		now := c.screen.Now()
		if began.IsZero() { // from the first report on: the time before it is compilation
			began, first = now, done
		}
		line := text.Progress{Work: what, Done: done, Total: total, Unit: string(trainer.Videos)}
		if spent := now.Sub(began).Seconds(); spent > 0 && done > first {
			line.Rate = float64(done-first) / spent
			line.Left = time.Duration(float64(total-done) / line.Rate * float64(time.Second))
		}
		c.Progress(what, line, done == total)
	}
}

// Note is a line of progress that is not counted.
func Note(line string) text.Progress { return text.Progress{Work: line} }
