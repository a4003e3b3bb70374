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
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/go-zeromq/zmq4"

	"vsim/vsimlib/kernel/wire"
)

// TestShutdown: the reply, exit status 0, and a running cell that may end; SIGTERM the same; SIGINT stops the cell alone.
func TestShutdown(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"request", "signal"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
	ways := []string{"kernel", "group", "GoNB"}
	if testing.Short() {
		ways = ways[1:2] // as Jupyter does
	}
	for _, which := range ways {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			file := connectionFile(t)
			cmd, temp := startProcess(t, file, withGopls(t))
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

// TestStartFails: GoNB that does not start is reported, and so are connection files that are none.
func TestStartFails(t *testing.T) {
	t.Parallel()
	o := fakeOptions(connectionFile(t))
	o.Env = append(o.Env, "FAKE_START=fails")
	if err := Run(context.Background(), o); err == nil || err.Error() != "GoNB ended: exit status 1" {
		t.Errorf("GoNB that fails: %v", err)
	}
	o = fakeOptions(connectionFile(t))
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
