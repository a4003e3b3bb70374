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

// training returns a report function for package trainer that shows its progress on stderr. What a validation found stays
// on the screen.
func (c *console) training() func(trainer.Progress) {
	return func(p trainer.Progress) {
		found := p.Stage == "validate" && len(p.Losses) > 0 && strings.HasPrefix(p.Losses[0].Name, "val_")
		ended := p.Steps > 0 && p.Step == p.Steps && p.Stage != "validate" && p.Stage != "compile"
		c.progress("training", trainingLine(p, found, c.terminal), found || ended)
		if found {
			c.done()
		}
	}
}

// trainingLine is stage, bar, steps, epoch, losses, videos/s and time left.
func trainingLine(p trainer.Progress, found, bar bool) string {
	switch {
	case p.Stage == "index":
		return readingLine(p.Done, p.ToDo, bar)
	case p.Stage == "compile":
		return fmt.Sprintf("compiling the training step (%d of %d steps done)", p.Step, p.Steps)
	case found:
		return fmt.Sprintf("validated at step %d/%d  %s", p.Step, p.Steps, losses(p.Losses))
	case p.Stage == "validate":
		return counted(fmt.Sprintf("validating at step %d/%d", p.Step, p.Steps), p.Done, p.ToDo, bar)
	}
	line := counted(p.Stage, p.Step, p.Steps, bar)
	if p.Epochs > 0 {
		line += fmt.Sprintf(", epoch %.1f/%d", p.Epoch, p.Epochs)
	}
	parts := append([]string{line, losses(p.Losses)}, speed(p.VideosPerS, p.Remaining)...)
	return strings.Join(parts, "  ")
}

// readingLine is how far the first reading of records is, in MiB.
func readingLine(read, total int, bar bool) string {
	return counted("reading and checking the records (MiB)", read, total, bar)
}

func losses(list []trainer.Loss) string {
	var parts []string
	for _, l := range list {
		parts = append(parts, fmt.Sprintf("%s %.4g", l.Name, l.Value))
	}
	return strings.Join(parts, "  ")
}

// videos returns a report function for work counted in videos.
func (c *console) videos(what string) func(done, total int) {
	began, first := time.Time{}, 0
	return func(done, total int) {
		now := c.now()
		if began.IsZero() { // from the first report on: what is before it is compilation
			began, first = now, done
		}
		parts := []string{counted(what, done, total, c.terminal)}
		if spent := now.Sub(began).Seconds(); spent > 0 && done > first {
			rate := float64(done-first) / spent
			parts = append(parts, speed(rate, time.Duration(float64(total-done)/rate*float64(time.Second)))...)
		}
		c.progress(what, strings.Join(parts, "  "), done == total)
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

// speed is videos/s and time left, where they are known.
func speed(videosPerS float64, left time.Duration) []string {
	var parts []string
	if videosPerS > 0 {
		parts = append(parts, fmt.Sprintf("%.3g videos/s", videosPerS))
	}
	if left > 0 {
		parts = append(parts, roundTime(left)+" left")
	}
	return parts
}

// roundTime is a duration without the digits nobody needs.
func roundTime(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d < time.Hour:
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
