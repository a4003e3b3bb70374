// SPDX-License-Identifier: Apache-2.0

package text

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Progress is a line about work that goes on. Where it does not fit, what comes last is left out. It is cleaned: its parts can
// quote files.
type Progress struct {
	Work        string        // what is being done
	Done, Total int           // of it; 0 of 0 where it is not counted
	Count       string        // instead of Done/Total, such as 34%
	Rate        float64       // of Unit per second, 0 where it is not known
	Unit        string        // such as videos
	Left        time.Duration // time left, 0 where it is not known
	More        []string      // further parts, the most important first
}

// maxBar and minBar are the widths of a bar; where less than minBar is free, there is none.
const (
	maxBar = 20
	minBar = 5
)

// Parts are the rate, the time left, and then the others.
func (p Progress) Parts() []string { return append(p.speed(false), p.More...) }

// speed is the rate and the time left, where they are known; short leaves out what the rate counts.
func (p Progress) speed(short bool) []string {
	var parts []string
	if p.Rate > 0 {
		rate := Number(p.Rate)
		if !short {
			rate += " " + p.Unit
		}
		parts = append(parts, rate+"/s")
	}
	if p.Left >= 50*time.Millisecond { // less is nothing in tenths
		parts = append(parts, Duration(p.Left)+" left")
	}
	return parts
}

// String is the whole line, for a log.
func (p Progress) String() string {
	return Clean(strings.Join(append([]string{p.head(0)}, p.Parts()...), gap))
}

const gap = "  "

// head is the work, a bar of that many cells, and how much is done.
func (p Progress) head(bar int) string {
	if p.Total <= 0 {
		return p.Work
	}
	count := p.Count
	if count == "" {
		count = fmt.Sprintf("%d/%d", p.Done, p.Total)
	}
	full := min(bar, max(0, p.Done)*bar/p.Total)
	var words []string
	for _, word := range []string{p.Work, strings.Repeat("█", full) + strings.Repeat("░", bar-full), count} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// Columns is the line with a bar, in at most width columns. The rate and the time left come first. Where the screen is narrow, they
// have a short form, and if need be the room of the work's name; the bar has what they leave; parts that do not fit are left out.
func (p Progress) Columns(width int) string {
	head, speed := p.head(0), p.speed(false)
	if columns(head, speed...) > width {
		speed = p.speed(true)
	}
	if p.Total > 0 && len(speed) > 0 && columns(head, speed...) > width {
		p.Work = ""
		head = p.head(0)
	}
	if bar := min(maxBar, width-columns(head, speed...)-1); bar >= minBar {
		head = p.head(bar)
	}
	return Clean(Fit(head, append(speed, p.More...), gap, width))
}

// columns is the width of parts in a line.
func columns(first string, more ...string) int {
	n := utf8.RuneCountInString(first)
	for _, part := range more {
		n += len(gap) + utf8.RuneCountInString(part)
	}
	return n
}

// Fit joins head and parts by a separator, up to the first part that does not fit into width columns. A head that is too long
// itself is cut, and ends in an ellipsis.
func Fit(head string, parts []string, separator string, width int) string {
	if runes := []rune(head); len(runes) > width {
		return string(runes[:max(0, width-1)]) + "…"
	}
	for _, part := range parts {
		longer := head + separator + part
		if utf8.RuneCountInString(longer) > width {
			break
		}
		head = longer
	}
	return head
}
