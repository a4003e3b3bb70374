// SPDX-License-Identifier: Apache-2.0

package main

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

// console is stderr: lines that stay, and in a terminal one line of progress below them that is rewritten. It may be
// used by several goroutines.
type console struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	width    func() int
	now      func() time.Time

	line    *text.Progress // the progress line on the screen, nil if there is none
	last    time.Time      // when progress was last shown
	subject string         // of that progress
	heard   time.Time      // when anything was last written
	doing   activity       // what goes on while nothing is written
}

// newConsole writes to f.
func newConsole(f *os.File) *console {
	c := &console{w: f, terminal: term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb", now: time.Now}
	c.width = func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width < 20 {
			return 80
		}
		return width
	}
	return c
}

// Write writes whole lines above the progress line.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
	c.heard = c.now()
	n, err := c.w.Write(p)
	if err == nil && c.line != nil {
		c.show()
	}
	return n, err
}

// progress shows how a subject stands, if the last line is old enough or important is set or the subject is new.
func (c *console) progress(subject string, line text.Progress, important bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.says(line)
	wait := logEvery
	if c.terminal {
		wait = terminalEvery
	}
	if now := c.now(); important || subject != c.subject || now.Sub(c.last) >= wait {
		c.last, c.heard, c.subject = now, now, subject
	} else {
		return
	}
	if !c.terminal {
		_, _ = io.WriteString(c.w, "vsim: "+text.Clean(line.String())+"\n")
		return
	}
	c.clear()
	c.line = &line
	c.show()
}

// done leaves the progress line where it stands and goes on below it.
func (c *console) done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil {
		_, _ = io.WriteString(c.w, "\n")
	}
	c.line, c.subject, c.doing.on = nil, "", false
}

func (c *console) clear() {
	if c.line != nil {
		_, _ = io.WriteString(c.w, "\r\x1b[K")
	}
}

// show fits the line to the screen's width: one that wraps cannot be rewritten.
func (c *console) show() { _, _ = io.WriteString(c.w, text.Clean(c.line.Columns(c.width()-1))) }
