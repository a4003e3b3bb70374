// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-zeromq/zmq4"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/jupyter"
)

// TestNotebooksHaveTheLanguage: the notebooks of the checkout hold what the kernel says of its language, so that opening one in
// JupyterLab, which writes that into it, changes nothing.
func TestNotebooksHaveTheLanguage(t *testing.T) {
	paths, missing := jupyter.Notebooks(filepath.Join("..", ".."))
	if len(missing) > 0 {
		t.Fatalf("%v are missing", missing)
	}
	want := encoded(t, languageInfo)
	for _, path := range paths {
		var notebook struct {
			Metadata struct {
				Language map[string]any `json:"language_info"`
			}
		}
		if err := jsonfile.Read(path, &notebook); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(notebook.Metadata.Language); err != nil || string(got) != want {
			t.Errorf("%s: language_info %s, want %s (%v)", path, got, want, err)
		}
	}
}

// TestAnswers: what GoNB does not answer, and what is changed of what it does.
func TestAnswers(t *testing.T) {
	c := started(t)
	c.ask(executeType, executeRequest{Code: "print 1", Store: true})
	for kind, want := range map[string]string{
		"kernel_info_request": `{"implementation":"gonb","language_info":{"codemirror_mode":"go","file_extension":".go",` +
			`"mimetype":"text/x-go","name":"go","pygments_lexer":"go","version":"1"},"status":"ok"}`,
		"is_complete_request": `{"indent":"\t","status":"incomplete"}`,
		"history_request":     `{"history":[[1,1,"print 1"]],"status":"ok"}`,
		"comm_info_request":   `{"comms":{},"status":"ok"}`,
		"complete_request":    `{"cursor_end":0,"cursor_start":0,"status":"ok","units":0}`,
		"inspect_request":     `{"cursor_end":0,"cursor_start":0,"status":"ok","units":0}`,
	} {
		m := c.send(kind, map[string]any{"code": "func f() {", "cursor_pos": 0, "hist_access_type": "tail"})
		reply := c.reply(m)
		got, err := json.Marshal(reply)
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
		if got := c.shown(m); got != "busy, idle" {
			t.Errorf("%s shows %s", kind, got)
		}
	}
	for _, kind := range []string{executeType, "complete_request", "is_complete_request", "history_request"} {
		got := c.ask(kind, map[string]any{"code": 1, "n": "x"})
		if why, _ := got["evalue"].(string); got["status"] != "error" || !strings.Contains(why, kind) {
			t.Errorf("a wrong %s: %v", kind, got)
		}
	}
	if got := c.command("history_request", map[string]any{"n": "x"})["status"]; got != "error" {
		t.Errorf("a wrong request of the control channel: %v", got)
	}
	c.send("debug_request", map[string]any{}) // not known: no answer, and no harm
	comm := c.send("comm_msg", map[string]any{"comm_id": "1"})
	if m := c.receive(c.shell); m.Header.Type != "comm_msg" || m.Parent.ID != comm.Header.ID {
		t.Errorf("a comm's message: %+v", m.Header)
	}
}

// TestControlIsNotHeldUp by a cell that runs.
func TestControlIsNotHeldUp(t *testing.T) {
	c := started(t)
	cell := c.execute("run 1")
	c.until(cell, "stream", "running")
	if got := c.command("kernel_info_request", map[string]any{})["implementation"]; got != "gonb" {
		t.Errorf("kernel_info: %v", got)
	}
	if err := c.heartbeat.Send(zmq4.NewMsgString("ping")); err != nil {
		t.Fatal(err)
	}
	if m, err := c.heartbeat.Recv(); err != nil || string(m.Bytes()) != "ping" {
		t.Errorf("heartbeat %q, %v", m, err)
	}
	c.command("interrupt_request", map[string]any{})
	c.reply(cell)
}
