// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/kernel/wire"
)

// TestStdin: a cell asks, the front end answers; what is no answer is passed over.
func TestStdin(t *testing.T) {
	c := started(t)
	cell := c.execute("ask name")
	asked := c.receive(c.stdin)
	if asked.Header.Type != "input_request" || asked.Parent.ID != cell.Header.ID {
		t.Fatalf("%+v", asked.Header)
	}
	for kind, content := range map[string]any{"input_reply": map[string]int{"value": 3}, "comm_msg": map[string]string{"value": "x"}} {
		c.stdin.send(wire.New(c.session, kind, content))
	}
	answer := asked.Answer(c.session, "input_reply", map[string]string{"value": "Ada"})
	answer.IDs = nil
	c.stdin.send(answer)
	if got := c.shown(cell); got != "busy, execute_input, stdout Ada, idle" {
		t.Errorf("shows %s", got)
	}
	c.reply(cell)
}

// TestNoStdin: a cell that asks fails where the front end takes no questions, also if it survives its interrupt; those behind it
// do not run.
func TestNoStdin(t *testing.T) {
	c := started(t)
	for _, prompt := range []string{"name!", "name"} {
		cell := c.send(executeType, executeRequest{Code: "ask " + prompt, Store: true, StopOnError: true})
		behind := c.execute("print behind")
		reply := c.reply(cell)
		if why, _ := reply["evalue"].(string); reply["status"] != "error" || !strings.Contains(why, "allow_stdin") {
			t.Errorf("%s: %v", prompt, reply)
		}
		if got := c.reply(behind)["status"]; got != "aborted" {
			t.Errorf("%s: the cell behind: %v", prompt, got)
		}
		if got := c.shown(cell); !strings.Contains(got, "execute_input, error the cell waits for input") {
			t.Errorf("%s: shows %s", prompt, got)
		}
	}
	cell := c.send(executeType, map[string]any{"code": "ask name"}) // says nothing of it
	if asked := c.receive(c.stdin); asked.Parent.ID != cell.Header.ID {
		t.Errorf("%+v", asked)
	}
	c.stdin.send(wire.New(c.session, "input_reply", map[string]string{"value": "Ada"}))
	c.reply(cell)
}

// TestWarningIsShown although nothing else comes, while the cell runs on.
func TestWarningIsShown(t *testing.T) {
	k := &kernel{front: idleFront(), running: &request{Message: wire.New("s", executeType, nil)}}
	k.show(k.running.stderr.add("warning\n", time.Now().Add(-2*holdTime)))
	if len(k.front.iopub.out) != 0 {
		t.Error("shown at once")
	}
	k.look(time.Now())
	m, err := k.front.iopub.key.Parse(<-k.front.iopub.out)
	if err != nil || content(t, m) != `{"name":"stderr","text":"warning\n"}` || m.Parent.ID != k.running.Header.ID {
		t.Errorf("%s, %v", content(t, m), err)
	}
}
