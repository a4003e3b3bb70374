// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"vsim/vsimlib/kernel/wire"
)

func statuses(c *client, cells ...wire.Message) []string {
	c.t.Helper()
	var list []string
	for _, m := range cells {
		list = append(list, c.reply(m)["status"].(string))
	}
	return list
}

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

// idleFront is a front without readers and writers of its sockets.
func idleFront() *front {
	s := func() *socket {
		return &socket{in: make(chan wire.Message, waiting), out: make(chan [][]byte, waiting)}
	}
	return &front{shell: s(), control: s(), stdin: s(), iopub: s(), session: wire.NewID()}
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
		"complete_request":    `{"status":"ok"}`,
		"inspect_request":     `{"status":"ok"}`,
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

// TestStdin: a cell asks, the front end answers.
func TestStdin(t *testing.T) {
	c := started(t)
	cell := c.execute("ask name")
	asked := c.receive(c.stdin)
	if asked.Header.Type != "input_request" || asked.Parent.ID != cell.Header.ID {
		t.Fatalf("%+v", asked.Header)
	}
	answer := asked.Answer(c.session, "input_reply", map[string]string{"value": "Ada"})
	answer.IDs = nil
	c.stdin.send(answer)
	if got := c.shown(cell); got != "busy, execute_input, stdout Ada, idle" {
		t.Errorf("shows %s", got)
	}
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

// process starts a kernel as a process of its own, with a folder for its temporary files.
func startProcess(t *testing.T, file string) (cmd *exec.Cmd, temp string) {
	t.Helper()
	temp, err := os.MkdirTemp("/tmp", "k")
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "KERNEL_TEST_RUN="+file, "TMPDIR="+temp)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		waitUntil(t, "its folder is gone", func() bool {
			left, _ := filepath.Glob(filepath.Join(temp, "*"))
			return len(left) == 0
		})
		_ = os.RemoveAll(temp)
	})
	return cmd, temp
}

func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("not within %v: %s", patience, what)
			return
		}
	}
}

// TestShutdown: the reply, exit status 0, and a running cell that may end; SIGTERM the same; SIGINT stops the cell alone.
func TestShutdown(t *testing.T) {
	for _, by := range []string{"request", "signal"} {
		t.Run(by, func(t *testing.T) {
			file := connectionFile(t)
			cmd, _ := startProcess(t, file)
			c := connect(t, file)
			cell := c.execute("run 1")
			c.until(cell, "stream", "running")
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if got := c.reply(cell)["ename"]; got != interruptedName {
				t.Errorf("SIGINT: %v", got)
			}
			cell, behind := c.execute("run 1"), c.execute("print 1")
			c.until(cell, "stream", "running")
			if by == "request" {
				if got := c.command("shutdown_request", map[string]any{"restart": true}); got["status"] != "ok" || got["restart"] != true {
					t.Errorf("%v", got)
				}
			} else if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if got := c.reply(behind)["status"]; got != "aborted" {
				t.Errorf("the cell behind: %v", got)
			}
			if got := c.reply(cell)["ename"]; got != interruptedName {
				t.Errorf("the cell: %v", got)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestParentGone: a kernel whose front end's process is gone ends.
func TestParentGone(t *testing.T) {
	file := connectionFile(t)
	temp, err := os.MkdirTemp("/tmp", "k")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	parent := exec.Command("/bin/sh", "-c", `"$0" >/dev/null 2>&1 & echo $!; wait`, os.Args[0])
	parent.Env = append(os.Environ(), "KERNEL_TEST_RUN="+file, "TMPDIR="+temp, "JPY_PARENT_PID=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(pid, syscall.SIGKILL) }()
	connect(t, file)
	_ = parent.Process.Kill()
	_ = parent.Wait()
	waitUntil(t, "the kernel has ended", func() bool {
		left, _ := filepath.Glob(filepath.Join(temp, "*"))
		return !alive(pid) && len(left) == 0
	})
}

// TestRestart: the variables VSIM_… are there again, other variables are not; after the end none are.
func TestRestart(t *testing.T) {
	if testing.Short() {
		t.Skip("three kernels, one after the other")
	}
	file := connectionFile(t)
	get := func(c *client, name string) string {
		cell := c.execute("get " + name)
		c.reply(cell)
		shows := c.shown(cell)
		return strings.TrimSuffix(strings.TrimPrefix(shows, "busy, execute_input, stdout "), ", idle")
	}
	for i, want := range []string{"", "demo", "demo", ""} {
		cmd, _ := startProcess(t, file)
		c := connect(t, file)
		if got := get(c, "VSIM_TEST"); got != want {
			t.Errorf("start %d: VSIM_TEST is %q, want %q", i, got, want)
		}
		if got := get(c, "OTHER_TEST"); got != "" {
			t.Errorf("start %d: OTHER_TEST is %q", i, got)
		}
		switch i {
		case 0:
			statuses(c, c.execute("set VSIM_TEST demo"), c.execute("set OTHER_TEST x"))
			c.command("shutdown_request", map[string]any{"restart": true})
		case 1:
			_ = cmd.Process.Kill()
		case 2:
			c.command("shutdown_request", map[string]any{"restart": false})
		}
		if i < 3 {
			_ = cmd.Wait()
		}
	}
}

// TestKilled: a kernel that is killed takes GoNB, gopls and its folder with it; so does a GoNB that dies.
func TestKilled(t *testing.T) {
	ways := []string{"kernel", "group", "GoNB"}
	if testing.Short() {
		ways = ways[1:2] // as Jupyter does
	}
	for _, which := range ways {
		t.Run(which, func(t *testing.T) {
			withGopls(t)
			file := connectionFile(t)
			cmd, temp := startProcess(t, file)
			c := connect(t, file)
			var gopls []byte
			waitUntil(t, "gopls runs", func() bool {
				found, _ := filepath.Glob(filepath.Join(temp, "*", goplsPid))
				if len(found) == 1 {
					gopls, _ = os.ReadFile(found[0])
				}
				return len(gopls) > 0
			})
			var ours []int
			for _, p := range processes() {
				if p.parent == cmd.Process.Pid && p.name != "sh" {
					ours = append(ours, p.pid)
				}
			}
			if len(ours) != 1 {
				t.Fatalf("GoNB is one of %v", ours)
			}
			pid := atoi(t, gopls)
			if group, err := syscall.Getpgid(pid); err != nil || group != pid {
				t.Fatalf("gopls %d is of group %d, %v", pid, group, err)
			}
			switch which {
			case "kernel":
				_ = cmd.Process.Kill()
			case "group": // as Jupyter does
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
				_ = cmd.Process.Kill()
			case "GoNB":
				c.execute("die")
			}
			if err := cmd.Wait(); err == nil {
				t.Error("the kernel ended without an error")
			}
			for _, pid := range append(ours, pid) {
				waitUntil(t, "a process is gone", func() bool { return !alive(pid) })
			}
		})
	}
}

func atoi(t *testing.T, data []byte) int {
	t.Helper()
	var n int
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// alive reports whether a process is there and no zombie, which stays where init does not wait for it.
func alive(pid int) bool {
	if data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil {
		return !strings.Contains(string(data), ") Z ")
	}
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// TestStartFails: GoNB that does not start is told, and so are connection files that are none.
func TestStartFails(t *testing.T) {
	t.Setenv("FAKE_START", "fails")
	if err := Run(context.Background(), fakeOptions(connectionFile(t))); err == nil || err.Error() != "GoNB ended: exit status 1" {
		t.Errorf("GoNB that fails: %v", err)
	}
	o := fakeOptions(connectionFile(t))
	o.GoNB = []string{filepath.Join(t.TempDir(), "no-gonb")}
	const missing = "/no-gonb is not there; run `vsim setup` in the checkout"
	if err := Run(context.Background(), o); err == nil || !strings.HasSuffix(err.Error(), missing) {
		t.Errorf("no GoNB: %v", err)
	}
	err := Run(context.Background(), fakeOptions("/nonexistent.json"))
	if err == nil || err.Error() != "/nonexistent.json: no such file or directory" {
		t.Errorf("no connection file: %v", err)
	}
	file := connectionFile(t)
	c, err := wire.ReadConnection(file)
	if err != nil {
		t.Fatal(err)
	}
	taken := zmq4.NewRouter(context.Background())
	defer func() { _ = taken.Close() }()
	if err := taken.Listen(c.Endpoint(c.Shell)); err != nil {
		t.Fatal(err)
	}
	if err := Run(context.Background(), fakeOptions(file)); err == nil || !strings.Contains(err.Error(), "shell: ") {
		t.Errorf("a port that is taken: %v", err)
	}
}
