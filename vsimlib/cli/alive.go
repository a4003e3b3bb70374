// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"io"
	"strings"
	"time"

	"vsim/vsimlib/text"
)

// How long the console is silent before it shows that the work goes on, and for how long: in a terminal the line of progress gets
// the time and is rewritten, a log gets the line again, and of work that takes long not so often.
const (
	terminalSilence = 2 * time.Second
	logSilence      = 7 * time.Second
	longSilence     = time.Minute
	longWork        = 10 * time.Minute // from then on work takes long
	aliveEvery      = time.Second
)

// activity is what is being done, as it was last said.
type activity struct {
	line  text.Progress
	since time.Time // when it was first said
	on    bool      // it goes on
}

// says notes what is being done; c.mu is held.
func (c *Console) says(line text.Progress) {
	if !c.doing.on || line.String() != c.doing.line.String() {
		c.doing = activity{line: line, since: c.screen.Now(), on: true}
	}
}

// Begin notes what is being done, which is shown only if it takes long.
func (c *Console) Begin(line text.Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.says(line)
	c.heard = c.screen.Now()
}

// alive shows that the work goes on, where nothing was written for long.
func (c *Console) alive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.screen.Now()
	silence := logSilence
	switch {
	case c.screen.Terminal:
		silence = terminalSilence
	case now.Sub(c.doing.since) > longWork:
		silence = longSilence
	}
	if !c.doing.on || now.Sub(c.heard) < silence {
		return
	}
	spent := "  (" + now.Sub(c.doing.since).Round(time.Second).String() + ")"
	if c.screen.Terminal {
		c.clear()
		c.line = &c.doing.line
		_, _ = io.WriteString(c.screen, c.line.Columns(c.screen.Width()-1-len(spent))+spent)
		return
	}
	c.heard = now
	_, _ = io.WriteString(c.screen, "vsim: "+c.doing.line.String()+spent+"\n")
}

// keepAlive calls alive now and then until stop is called.
func (c *Console) keepAlive() (stop func()) {
	tick, over := time.NewTicker(aliveEvery), make(chan struct{})
	go func() {
		for {
			select {
			case <-tick.C:
				c.alive()
			case <-over:
				return
			}
		}
	}()
	return func() {
		tick.Stop()
		close(over)
	}
}

// Steps is a log of long steps, a line each: the last line is what is being done, until Idle.
func (c *Console) Steps() io.Writer { return stepLog{c} }

type stepLog struct{ *Console }

// Write writes whole lines, without what would steer the terminal.
func (s stepLog) Write(p []byte) (int, error) {
	c := s.Console
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
	c.line, c.heard = nil, c.screen.Now()
	if lines := strings.Split(strings.TrimRight(string(p), "\n"), "\n"); lines[len(lines)-1] != "" {
		c.says(text.Progress{Work: strings.TrimPrefix(lines[len(lines)-1], "vsim: ")})
	}
	if _, err := io.WriteString(c.screen, text.CleanLines(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Idle ends what is being done and removes its line from the screen.
func (c *Console) Idle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
	c.line, c.subject, c.doing.on = nil, "", false
}
