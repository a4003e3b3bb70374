// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"

	"vsim/vsimlib/trainer"
)

// barCells is the width of a bar in a terminal.
const barCells = 20

// training returns a report function for package trainer that shows its progress on stderr. The result of a validation stays
// on the screen.
func (c *console) training() func(trainer.Progress) {
	return func(p trainer.Progress) {
		found := p.Stage == trainer.Validated
		ended := p.Trained() && p.Step == p.Steps
		c.progress("training", trainingLine(p, c.terminal), found || ended)
		if found {
			c.done()
		}
	}
}

// trainingLine is stage, bar, steps, epoch, losses, videos/s and time left.
func trainingLine(p trainer.Progress, bar bool) string {
	switch p.Stage {
	case trainer.Indexing:
		return readingLine(p.Done, p.Total, bar)
	case trainer.Compiling:
		return fmt.Sprintf("%s (%d of %d steps done)", p.Work(), p.Step, p.Steps)
	case trainer.Validated:
		return detailed(p.Work(), p.Details())
	case trainer.Validating:
		return counted(p.Work(), p.Done, p.Total, bar)
	}
	line := counted(p.Work(), p.Step, p.Steps, bar)
	if p.Epochs > 0 {
		line += fmt.Sprintf(", epoch %.1f/%d", p.Epoch, p.Epochs)
	}
	return detailed(line, p.Details())
}

// detailed is a line with details after it.
func detailed(line string, details []string) string {
	return strings.Join(append([]string{line}, details...), "  ")
}

// readingLine reports how much of the records has been read for the first time, in MiB.
func readingLine(read, total int, bar bool) string {
	return counted(fmt.Sprintf("%s (%s)", trainer.Progress{Stage: trainer.Indexing}.Work(), trainer.MiB), read, total, bar)
}

// videos returns a report function for work that is counted in videos.
func (c *console) videos(what string) func(done, total int) {
	began, first := time.Time{}, 0
	return func(done, total int) {
		now := c.now()
		if began.IsZero() { // from the first report on: the time before it is compilation
			began, first = now, done
		}
		var details []string
		if spent := now.Sub(began).Seconds(); spent > 0 && done > first {
			rate := float64(done-first) / spent
			details = trainer.Speed(rate, time.Duration(float64(total-done)/rate*float64(time.Second)))
		}
		c.progress(what, detailed(counted(what, done, total, c.terminal), details), done == total)
	}
}

// counted is "stage ████░░░░ 30/100"; without a total it is the stage alone.
func counted(stage string, done, total int, bar bool) string {
	if total <= 0 {
		return stage
	}
	count := fmt.Sprintf("%d/%d", done, total)
	if !bar {
		return stage + " " + count
	}
	full := min(barCells, max(0, done)*barCells/total)
	return fmt.Sprintf("%s %s%s %s", stage, strings.Repeat("█", full), strings.Repeat("░", barCells-full), count)
}
