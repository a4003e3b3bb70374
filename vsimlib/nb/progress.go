// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"vsim/vsimlib/text"
	"vsim/vsimlib/trainer"
)

// How often progress is shown: a notebook's line is rewritten, a log gets a line now and then.
const (
	notebookEvery = 500 * time.Millisecond
	logEvery      = 5 * time.Second
)

// board is one line of progress: in a notebook a single output that is rewritten, so that a saved notebook has only its last
// state; elsewhere lines on stderr.
type board struct {
	what  string // the work that is in progress
	id    string // of the notebook's output
	last  time.Time
	began time.Time
	at    trainer.Progress // of the last training step shown
}

func newBoard(what string) *board {
	return &board{what: what, id: "vsim_" + gonbui.UniqueId(), began: time.Now()}
}

// show rewrites the line, at once or if the last time is long enough ago.
func (b *board) show(line string, atOnce bool) {
	every := logEvery
	if gonbui.IsNotebook {
		every = notebookEvery
	}
	if !atOnce && time.Since(b.last) < every {
		return
	}
	b.last = time.Now()
	showLine(b.id, b.what+": "+line)
}

// warn leaves a line of its own.
func (b *board) warn(line string) { showLine("", "warning: "+oneLine(errors.New(line))) }

// training shows the progress of package trainer.
func (b *board) training(p trainer.Progress) {
	switch {
	case p.Stage == trainer.Freed:
		b.show(p.Work(), true)
	case p.Stage == trainer.Compiling:
		b.show(fmt.Sprintf("%s, %d of %d steps done", p.Work(), p.Step, p.Steps), true)
		b.at = p
	case p.Stage == trainer.Saving:
		b.show(fmt.Sprintf("%s, %d of %d steps done", p.Work(), p.Step, p.Steps), false)
	case p.Total > 0 && p.Stage != trainer.Planned:
		b.show(fmt.Sprintf("%s, %d of %d %s", p.Work(), p.Done, p.Total, p.Unit), false)
	case p.Trained():
		line := p.Line()
		line.Count = fmt.Sprintf("step %d of %d", p.Step, p.Steps)
		b.showProgress(line, b.at.Stage == trainer.Compiling) // the first step after the wait
		b.at = p
	}
}

// separator is between the parts of a line.
const separator = " · "

// showProgress shows a line of progress, how much is done first.
func (b *board) showProgress(line text.Progress, atOnce bool) {
	b.show(strings.Join(append([]string{line.Count}, line.Parts()...), separator), atOnce)
}

// reached is how far training got, for the message of a stop.
func (b *board) reached() string {
	if b.at.Steps == 0 {
		return ""
	}
	return fmt.Sprintf(" at step %d of %d", b.at.Step, b.at.Steps)
}

// seconds since the board was made.
func (b *board) seconds() float64 { return time.Since(b.began).Seconds() }
