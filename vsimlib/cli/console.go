// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"vsim/vsimlib/text"
)

// How often progress is shown: a terminal's line is rewritten, a log gets a line now and then.
const (
	terminalEvery = 100 * time.Millisecond
	logEvery      = 5 * time.Second
)

// Screen is what a console writes on: a terminal or a log.
type Screen struct {
	io.Writer
	Terminal bool             // a line can be rewritten
	Width    func() int       // columns of a terminal
	Now      func() time.Time // the clock
}

// ScreenOf is the screen that a file is.
func ScreenOf(f *os.File) Screen {
	width := func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width < 20 {
			return 80
		}
		return width
	}
	return Screen{Writer: f, Terminal: term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb", Width: width, Now: time.Now}
}

// Console is stderr: lines that stay, and in a terminal one line of progress below them that is rewritten. It may be
// used by several goroutines.
type Console struct {
	screen Screen
	mu     sync.Mutex

	line    *text.Progress // the progress line on the screen, nil if there is none
	last    time.Time      // when progress was last shown
	subject string         // of that progress
	heard   time.Time      // when anything was last written
	doing   activity       // what goes on while nothing is written
}

// NewConsole writes on a screen.
func NewConsole(s Screen) *Console { return &Console{screen: s} }

// Columns is the width of the terminal, 0 where stderr is none.
func (c *Console) Columns() int {
	if !c.screen.Terminal {
		return 0
	}
	return c.screen.Width()
}

// Write writes whole lines above the progress line, without what would steer the terminal: lines can quote files.
func (c *Console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
	c.heard = c.screen.Now()
	if _, err := io.WriteString(c.screen, text.CleanLines(string(p))); err != nil {
		return 0, err
	}
	if c.line != nil {
		c.show()
	}
	return len(p), nil
}

// Progress shows how a subject stands, if the last line is old enough or important is set or the subject is new.
func (c *Console) Progress(subject string, line text.Progress, important bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.says(line)
	wait := logEvery
	if c.screen.Terminal {
		wait = terminalEvery
	}
	if now := c.screen.Now(); important || subject != c.subject || now.Sub(c.last) >= wait {
		c.last, c.heard, c.subject = now, now, subject
	} else {
		return
	}
	if !c.screen.Terminal {
		_, _ = io.WriteString(c.screen, "vsim: "+line.String()+"\n")
		return
	}
	c.clear()
	c.line = &line
	c.show()
}

// Done leaves the progress line on the screen and goes on below it.
func (c *Console) Done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil {
		_, _ = io.WriteString(c.screen, "\n")
	}
	c.line, c.subject, c.doing.on = nil, "", false
}

func (c *Console) clear() {
	if c.line != nil {
		_, _ = io.WriteString(c.screen, "\r\x1b[K")
	}
}

// show fits the line to the screen's width: one that wraps cannot be rewritten.
func (c *Console) show() {
	_, _ = io.WriteString(c.screen, c.line.Columns(c.screen.Width()-1))
}
