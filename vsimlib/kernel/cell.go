// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"errors"
	"fmt"
	"time"

	"vsim/vsimlib/kernel/code"
	"vsim/vsimlib/kernel/wire"
)

// request is a request that GoNB is at. It is over once GoNB has replied and published that it is idle again: until then the
// reply is held back, since what is published decides what it says.
type request struct {
	wire.Message
	execute     executeRequest
	question    question      // or this
	hidden      bool          // this kernel's own
	reply, idle *wire.Message // as they came
	fault       *fault        // why it failed, as it was shown
	stderr      stderr
	interrupted bool
	refused     *fault       // why it was interrupted, where the user has not done so
	signalled   map[int]bool // compilers that have got the interrupt
}

// replied takes GoNB's reply.
func (k *kernel) replied(m wire.Message) {
	if r := k.running; r != nil && m.Parent.ID == r.Header.ID {
		r.reply = &m
		k.finish()
		return
	}
	if m.Parent.Session != k.gonb.session {
		k.front.shell.send(m)
	}
}

// published takes what GoNB publishes.
func (k *kernel) published(m wire.Message) {
	r := k.running
	if r == nil || m.Parent.ID != r.Header.ID {
		if m.Parent.Session != k.gonb.session {
			k.front.publish(m)
		}
		return
	}
	switch m.Header.Type {
	case "stream":
		k.stream(m)
	case "error":
		k.failed(m)
	case "status":
		k.status(m)
	default:
		k.publish(m)
	}
}

// publish passes on what the running request shows, if it is a front end's.
func (k *kernel) publish(m wire.Message) {
	if !k.running.hidden {
		k.front.publish(m)
	}
}

// stream takes what a cell writes.
func (k *kernel) stream(m wire.Message) {
	var content struct{ Name, Text string }
	if err := m.Content(&content); err != nil {
		k.log(err)
		return
	}
	if content.Name == "stderr" {
		k.show(k.running.stderr.add(content.Text, time.Now()))
		return
	}
	if err := k.remembered.note(content.Text); err != nil {
		k.log(err)
	}
	k.publish(m)
}

// show publishes text on the running request's stderr.
func (k *kernel) show(text string) {
	if text != "" {
		k.publish(k.running.Answer(k.front.session, "stream", map[string]string{"name": "stderr", "text": text}))
	}
}

// failed takes the error of a cell.
func (k *kernel) failed(m wire.Message) {
	var f fault
	if err := m.Content(&f); err != nil {
		k.log(err)
	}
	show, f := k.running.stderr.explain(f, k.running.interrupted)
	if k.running.refused != nil {
		f = *k.running.refused
	}
	k.running.fault = &f
	k.show(show)
	k.publish(m.With(f))
}

// status takes busy and idle.
func (k *kernel) status(m wire.Message) {
	var content struct {
		State string `json:"execution_state"`
	}
	if err := m.Content(&content); err == nil && content.State == "idle" {
		k.running.idle = &m
		k.finish()
		return
	}
	k.publish(m)
}

// asked passes on what a cell asks its user. One whose front end takes no questions would wait for ever.
func (k *kernel) asked(m wire.Message) {
	if r := k.running; r != nil && m.Parent.ID == r.Header.ID && !r.execute.AllowStdin {
		const why = "the cell waits for input, which this front end does not give (allow_stdin); leave %with_inputs out"
		r.refused = &fault{"StdinNotImplementedError", why, []string{why}}
		k.interrupt()
		return
	}
	k.front.stdin.send(m)
}

// input gives GoNB what a user has typed. GoNB ends where that is no text.
func (k *kernel) input(m wire.Message) {
	var content struct {
		Value string `json:"value"`
	}
	err := m.Content(&content)
	if m.Header.Type != "input_reply" {
		err = fmt.Errorf("%s is not known on stdin", m.Header.Type)
	}
	if err != nil {
		k.log(err)
		return
	}
	m.IDs = nil
	k.gonb.stdin.send(m.With(content))
}

// finish ends the running request once it is over, and aborts those behind it where it failed.
func (k *kernel) finish() {
	r := k.running
	if r.reply == nil || r.idle == nil {
		return
	}
	now := time.Now()
	k.show(r.stderr.flush())
	reply := k.fields(*r.reply)
	if f := r.refused; f != nil && r.fault == nil { // in a line of the shell, whose failure GoNB does not mind
		k.publish(r.Answer(k.front.session, "error", f))
		r.fault, reply["status"] = f, "error"
	}
	if f := r.fault; f != nil {
		reply["ename"], reply["evalue"], reply["traceback"] = f.Name, f.Value, f.Traceback
	}
	if count, ok := reply["execution_count"].(float64); ok && r.execute.Store {
		k.history.counted(int(count))
	}
	for _, name := range []string{"cursor_start", "cursor_end"} {
		if units, ok := reply[name].(float64); ok {
			reply[name] = code.ToCharacters(r.question.Code, int(units))
		}
	}
	failed := reply["status"] == "error" && !r.execute.Silent
	var waiting []wire.Message // taken before the front end knows of the failure: what it sends from then on is not for this cell
	if r.Header.Type == executeType && !r.hidden && r.execute.StopOnError && (failed || r.interrupted) {
		waiting = k.waitingCells()
		k.stopped = now
	}
	if r.hidden {
		if reply["status"] != "ok" {
			k.log(errors.New("the prelude: " + text(reply["evalue"])))
		}
	} else {
		k.front.shell.send(r.reply.With(reply))
		k.front.publish(*r.idle)
	}
	k.running = nil
	k.tick.Reset(idleTick)
	for _, m := range waiting {
		k.aborted(m)
	}
}

// fields is the content of a message as a map.
func (k *kernel) fields(m wire.Message) map[string]any {
	var all map[string]any
	if err := m.Content(&all); err != nil || all == nil {
		k.log(fmt.Errorf("%s without content: %w", m.Header.Type, err))
		return map[string]any{}
	}
	return all
}

// text is a value that should be a text.
func text(v any) string {
	s, _ := v.(string)
	return s
}
