// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/kernel/wire"
)

// TestInterrupt: an interrupt is repeated until the cell ends, aborts those behind it, and is no other cell's.
func TestInterrupt(t *testing.T) {
	c := started(t)
	for _, code := range []string{"run 1", "run 3", "survive"} { // the second hears none while it compiles
		cell, behind := c.execute(code), c.execute("print behind")
		c.until(cell, "stream", "running")
		if got := c.command("interrupt_request", map[string]any{})["status"]; got != "ok" {
			t.Errorf("interrupt_reply: %v", got)
		}
		reply := c.reply(cell)
		if name, status := reply["ename"], reply["status"]; (code != "survive") != (status == "error" && name == interruptedName) {
			t.Errorf("%s: %v", code, reply)
		}
		if got := c.reply(behind)["status"]; got != "aborted" {
			t.Errorf("behind %s: %v", code, got)
		}
		if got, want := c.shown(cell), "busy, execute_input, stdout running, error interrupted, idle"; code != "survive" && got != want {
			t.Errorf("%s shows %s", code, got)
		}
	}
	if got := c.command("interrupt_request", map[string]any{})["status"]; got != "ok" { // of no cell
		t.Errorf("interrupt_reply: %v", got)
	}
	if got := c.ask(executeType, executeRequest{Code: "print after"})["status"]; got != "ok" {
		t.Errorf("after it: %v", got)
	}
	goesOn, behind := c.send(executeType, executeRequest{Code: "run 1"}), c.execute("print behind")
	c.until(goesOn, "stream", "running")
	c.command("interrupt_request", map[string]any{})
	if got := statuses(c, goesOn, behind); !slices.Equal(got, []string{"error", "ok"}) {
		t.Errorf("with stop_on_error false: %v", got)
	}
}

// TestLate: a cell that was on its way when another failed is aborted; one that was sent after that is not.
func TestLate(t *testing.T) {
	k := &kernel{front: idleFront(), running: &request{}}
	m := wire.New("s", executeType, executeRequest{})
	for _, c := range []struct {
		name    string
		stopped time.Time
		late    bool
	}{
		{"nothing has failed", time.Time{}, false},
		{"sent before", time.Now(), true},
		{"sent after", time.Now().Add(-lateTime / 2), false},
		{"long ago", time.Now().Add(-2 * lateTime), false},
	} {
		k.stopped, k.queue = c.stopped, nil
		if c.name == "sent after" {
			m = wire.New("s", executeType, executeRequest{})
		}
		k.shell(m)
		if (len(k.queue) == 0) != c.late {
			t.Errorf("%s: late %t, want %t", c.name, len(k.queue) == 0, c.late)
		}
	}
}

// TestInterruptBeforeTheCell: a cell that waits behind the prelude is stopped before GoNB sees it.
func TestInterruptBeforeTheCell(t *testing.T) {
	k := &kernel{front: idleFront(), gonb: &gonb{}, running: &request{hidden: true}}
	cells := []wire.Message{
		wire.New("s", executeType, executeRequest{Code: "a", StopOnError: true}),
		wire.New("s", executeType, executeRequest{Code: "b"}),
	}
	k.queue = slices.Clone(cells[:1])
	k.front.shell.in <- cells[1] // has arrived, and was not looked at yet
	k.interrupt()
	if len(k.queue) != 0 {
		t.Errorf("%d requests are left", len(k.queue))
	}
	for i, want := range []string{`"KeyboardInterrupt"`, `"aborted"`} {
		m, err := k.front.shell.key.Parse(<-k.front.shell.out)
		if err != nil || m.Parent.ID != cells[i].Header.ID || !strings.Contains(content(t, m), want) {
			t.Errorf("reply %d: %s, %v, want %s", i, content(t, m), err, want)
		}
	}
}

// TestInterruptIsOverBeforeItsReply: a cell that is sent after the reply to an interrupt of no cell is left alone.
func TestInterruptIsOverBeforeItsReply(t *testing.T) {
	k := &kernel{front: idleFront(), gonb: &gonb{}}
	replies, published := make(chan [][]byte), make(chan [][]byte)
	k.front.control.out, k.front.iopub.out = replies, published
	cell := wire.New("s", executeType, executeRequest{Code: "a", StopOnError: true})
	go func() {
		<-published // busy
		<-replies
		k.front.shell.in <- cell
		for range published { // idle
		}
	}()
	defer close(published)
	k.control(wire.New("s", "interrupt_request", map[string]any{}), k.front.control)
	if len(k.front.shell.in) != 1 || len(k.front.shell.out) != 0 {
		t.Errorf("%d cells wait and %d were answered, want 1 and 0", len(k.front.shell.in), len(k.front.shell.out))
	}
}

// idleFront is a front without readers and writers of its sockets.
func idleFront() *front {
	s := func() *socket {
		return &socket{in: make(chan wire.Message, waiting), out: make(chan [][]byte, waiting)}
	}
	return &front{shell: s(), control: s(), stdin: s(), iopub: s(), session: wire.NewID()}
}
