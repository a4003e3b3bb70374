// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"testing"

	"vsim/vsimlib/kernel/wire"
)

// TestQueue: cells are executed one after another, a failing one aborts those behind it, and what comes later is executed again.
func TestQueue(t *testing.T) {
	c := started(t)
	cells := c.executeAll("fail no corpus", "print 2", "print 3")
	if got := statuses(c, cells...); !slices.Equal(got, []string{"error", "aborted", "aborted"}) {
		t.Errorf("a failing cell: %v", got)
	}
	if got := c.shown(cells[0]); got != "busy, execute_input, error no corpus, idle" {
		t.Errorf("the failing cell shows %s", got)
	}
	if got := c.shown(cells[2]); got != "busy, idle" {
		t.Errorf("an aborted cell shows %s", got)
	}
	goesOn := executeRequest{Code: "fail again", Store: true}
	cells = []wire.Message{c.send(executeType, goesOn), c.execute("print 4"), c.execute("executed")}
	if got := statuses(c, cells...); !slices.Equal(got, []string{"error", "ok", "ok"}) {
		t.Errorf("with stop_on_error false: %v", got)
	}
	if got := c.shown(cells[2]); got != "busy, execute_input, stdout prelude|fail no corpus|fail again|print 4|executed, idle" {
		t.Errorf("executed: %s", got)
	}
	silent := c.send(executeType, executeRequest{Code: "fail", Silent: true, StopOnError: true})
	if got := statuses(c, silent, c.execute("print 5")); !slices.Equal(got, []string{"error", "ok"}) {
		t.Errorf("behind a silent cell: %v", got)
	}
}

// TestOtherRequestsAreNotAborted: questions behind a failing cell are answered.
func TestOtherRequestsAreNotAborted(t *testing.T) {
	c := started(t)
	complete := wire.New(c.session, "complete_request", map[string]any{"code": "x", "cursor_pos": 1})
	cells := c.executeAll("fail x", "print 1")
	cell, last := cells[0], cells[1]
	c.shell.send(complete)
	info := c.send("kernel_info_request", map[string]any{})
	if got := c.reply(cell)["status"]; got != "error" {
		t.Errorf("the cell: %v", got)
	}
	if got := c.reply(last)["status"]; got != "aborted" {
		t.Errorf("the last cell: %v", got)
	}
	if got := c.reply(complete)["status"]; got != "ok" {
		t.Errorf("complete: %v", got)
	}
	if got := c.reply(info)["implementation"]; got != "gonb" {
		t.Errorf("kernel_info: %v", got)
	}
}
