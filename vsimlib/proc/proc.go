// SPDX-License-Identifier: Apache-2.0

// Package proc starts child processes that end with their parent.
//
// A child runs in a process group of its own. When the context ends, the whole group gets SIGTERM and, after a grace
// time, SIGKILL. When the parent itself is killed (even with SIGKILL), Linux sends the child SIGTERM; on other systems
// a child can watch its standard input, which is closed by then.
package proc

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Grace is how long a child may take to end after SIGTERM before SIGKILL.
const Grace = 10 * time.Second

// Command is exec.CommandContext for a child that ends with its parent; see the package comment. Start it with Run.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return signalGroup(cmd.Process, syscall.SIGTERM) }
	cmd.WaitDelay = Grace
	return cmd
}

// Run starts cmd, waits for it, and kills what is left of its process group.
func Run(cmd *exec.Cmd) error {
	done, err := Start(cmd)
	if err != nil {
		return err
	}
	return <-done
}

// Start is Run in two steps: it returns once the child runs, and done delivers the child's error once it has ended, and is
// closed then. The operating system ties the child to the thread that started it, so that thread stays for as long as the child
// lives.
func Start(cmd *exec.Cmd) (done <-chan error, err error) {
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		_ = signalGroup(cmd.Process, syscall.SIGKILL)
		ended <- err
		close(ended)
	}()
	return ended, <-started
}

// signalGroup sends sig to the process group that p leads. A group that is gone is no error.
func signalGroup(p *os.Process, sig syscall.Signal) error {
	if p == nil {
		return os.ErrProcessDone
	}
	err := syscall.Kill(-p.Pid, sig)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// Tail keeps the last bytes written to it, for one-line error messages about a child that failed.
type Tail struct{ buf []byte }

const tailBytes = 8 << 10

// Write keeps the end of p. It never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - tailBytes; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
	}
	return len(p), nil
}

// Lines are the lines that hold anything but blanks, each cut at 300 bytes; the first may be torn.
func (t *Tail) Lines() []string {
	var lines []string
	for _, line := range strings.FieldsFunc(string(t.buf), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, cut(line))
		}
	}
	return lines
}

// cut shortens a line to what a message can hold.
func cut(line string) string {
	const longest = 300
	if len(line) > longest {
		line = line[:longest] + "…"
	}
	return strings.ToValidUTF8(line, "")
}

// LastLine is the last line that holds anything but blanks, cut at 300 bytes; "" where there is none.
func (t *Tail) LastLine() string { return t.last(func(string) bool { return true }) }

// LastError is the last line with the word "error" in it, or else the last line.
func (t *Tail) LastError() string {
	if line := t.last(func(s string) bool { return strings.Contains(strings.ToLower(s), "error") }); line != "" {
		return line
	}
	return t.LastLine()
}

func (t *Tail) last(want func(string) bool) string {
	lines := t.Lines()
	for i := len(lines) - 1; i >= 0; i-- {
		if want(lines[i]) {
			return lines[i]
		}
	}
	return ""
}
