// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary play a parent: it starts a shell, tells its pid, and waits.
func TestMain(m *testing.M) {
	if pidFile := os.Getenv("PROC_TEST_PARENT"); pidFile != "" {
		_ = Run(Command(context.Background(), "/bin/sh", "-c", "echo $$ > "+pidFile+"; sleep 60 & wait"))
		os.Exit(0)
	}
	if os.Getenv("PROC_TEST_MALLOC") != "" {
		before := os.Getpid()
		KeepMemory()
		if os.Getenv("PROC_TEST_MALLOC") == "limit" {
			fmt.Println(debug.SetMemoryLimit(-1))
			os.Exit(0)
		}
		fmt.Println(os.Getenv("GLIBC_TUNABLES"), before, os.Args[1:])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// gone waits until the process has ended.
func gone(pid int) bool {
	for range 200 {
		state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || (err == nil && strings.Contains(string(state), ") Z ")) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

func readPid(t *testing.T, path string) int {
	t.Helper()
	for range 500 {
		if data, _ := os.ReadFile(path); strings.HasSuffix(string(data), "\n") {
			pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the child did not start")
	return 0
}

func TestChildEndsWithKilledParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // only Linux has the parent-death signal
	}
	pidFile := filepath.Join(t.TempDir(), "pid")
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "PROC_TEST_PARENT="+pidFile)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	child := readPid(t, pidFile)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	if !gone(child) {
		_ = syscall.Kill(-child, syscall.SIGKILL)
		t.Error("the child outlived its killed parent")
	}
}

func TestGroupEndsWithContext(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Run(Command(ctx, "/bin/sh", "-c", "(echo $BASHPID; exec sh -c 'echo $$ > "+pidFile+"; sleep 60')"))
	}()
	grandchild := readPid(t, pidFile)
	cancel()
	if err := <-done; err == nil {
		t.Error("a cancelled command reports success")
	}
	if !gone(grandchild) {
		t.Error("a grandchild outlived the group")
	}
}

func TestRunReportsFailure(t *testing.T) {
	var tail Tail
	cmd := Command(t.Context(), "/bin/sh", "-c", "echo first; echo 'Error: broken'; echo; echo last; exit 3")
	cmd.Stdout = &tail
	var exit *exec.ExitError
	if err := Run(cmd); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("error %v, want exit 3", err)
	}
	if tail.LastLine() != "last" || tail.LastError() != "Error: broken" {
		t.Errorf("last line %q, error %q", tail.LastLine(), tail.LastError())
	}
	if err := Run(Command(t.Context(), "/no/such/program")); err == nil {
		t.Error("a missing program reports success")
	}
}

func TestTail(t *testing.T) {
	var tail Tail
	if tail.LastLine() != "" || tail.LastError() != "" {
		t.Error("an empty tail has lines")
	}
	for range 3000 {
		_, _ = tail.Write([]byte("0123456789\r"))
	}
	if len(tail.buf) > tailBytes {
		t.Errorf("%d bytes kept", len(tail.buf))
	}
	_, _ = tail.Write([]byte("\n" + strings.Repeat("é", 400) + "\n\n"))
	if line := tail.LastLine(); len(line) > 310 || strings.ContainsRune(line, '\uFFFD') {
		t.Errorf("long line kept as %q", line)
	}
}

// TestKeepMemory: the program goes on as the same process with its arguments and glibc's settings; a user's own settings stay.
func TestKeepMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("glibc is Linux's")
	}
	for given, want := range map[string]string{"": "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0",
		"glibc.malloc.check=0": "glibc.malloc.check=0"} {
		cmd := exec.Command(os.Args[0], "two", "words")
		for _, e := range os.Environ() {
			if !strings.HasPrefix(e, "GLIBC_TUNABLES=") {
				cmd.Env = append(cmd.Env, e)
			}
		}
		cmd.Env = append(cmd.Env, "PROC_TEST_MALLOC=1")
		if given != "" {
			cmd.Env = append(cmd.Env, "GLIBC_TUNABLES="+given)
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatal(err)
		}
		if got := string(out); !strings.HasPrefix(got, want) ||
			!strings.HasSuffix(got, fmt.Sprintf(" %d [two words]\n", cmd.Process.Pid)) {
			t.Errorf("with %q: %q", given, got)
		}
	}
}

// TestLimitedAddressSpace: where ulimit -v limits the process, Go's heap gets half of it, or what the user says.
func TestLimitedAddressSpace(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the limit is Linux's")
	}
	for given, want := range map[string]string{"": "2048000000\n", "1GiB": "1073741824\n"} {
		cmd := exec.Command("/bin/sh", "-c", `ulimit -v 4000000; exec "$0"`, os.Args[0])
		cmd.Env = append(os.Environ(), "PROC_TEST_MALLOC=limit", "GOMEMLIMIT="+given)
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
			t.Errorf("GOMEMLIMIT=%s: %v: %s, want %s", given, err, out, want)
		}
	}
}
