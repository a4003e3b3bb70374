// SPDX-License-Identifier: Apache-2.0

package run

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/filetest"
)

func childLock() {
	_, err := Dir(os.Args[1]).Lock()
	fmt.Println(err)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	os.Exit(0)
}

// A second process holds the directory: the line names its pid and the directory. It dies by kill -9: the lock is free.
func TestLockSecondProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "one")
	cmd := filetest.Child(t, "lock", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "<nil>\n" {
		t.Fatalf("the child's Lock: %s", line)
	}
	_, err = Dir(dir).Lock()
	want := fmt.Sprintf("%s: in use by process %d; wait for it or stop it", dir, cmd.Process.Pid)
	if err == nil || err.Error() != want {
		t.Fatalf("error %v, want %s", err, want)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	unlock, err := Dir(dir).Lock()
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	defer unlock()

	second, _ := filetest.Child(t, "lock", dir).Output()
	if want := fmt.Sprintf("in use by process %d", os.Getpid()); !strings.Contains(string(second), want) {
		t.Errorf("child's error %q, want %q", second, want)
	}
}

func TestLockSameProcess(t *testing.T) {
	d := Dir(t.TempDir())
	unlock, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lock(); err == nil || !d.Busy() {
		t.Fatal("taken twice, or not said to be taken")
	}
	unlock()
	if d.Busy() || Dir(t.TempDir()).Busy() {
		t.Fatal("a free directory is said to be taken")
	}
	again, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	unlock() // a second call must not free the new holder's lock or empty its file
	if _, err := d.Lock(); err == nil || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Errorf("error %v", err)
	}
	again()
}

// TestWait waits for the holder, and no longer than its context.
func TestWait(t *testing.T) {
	d := Dir(t.TempDir())
	unlock, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.Wait(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	waiting, more := make(chan bool), make(chan time.Time)
	before := pause
	defer func() { pause = before }()
	pause = func() <-chan time.Time { waiting <- true; return more }
	got := make(chan error)
	go func() {
		second, err := d.Wait(context.Background())
		if err == nil {
			second()
		}
		got <- err
	}()
	for range 2 { // attempts while it is locked
		select {
		case err := <-got:
			t.Fatalf("did not wait: %v", err)
		case <-waiting:
		}
		more <- time.Now()
	}
	<-waiting
	unlock()
	more <- time.Now()
	if err := <-got; err != nil {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Dir(file).Wait(context.Background()); err == nil {
		t.Error("a file is no run directory")
	}
}

func TestLockNoPid(t *testing.T) {
	d := Dir(t.TempDir())
	unlock, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := os.Truncate(d.lockFile(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lock(); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("error %v", err)
	}
}

func TestLockCannotMake(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := Dir(dir).Lock(); err == nil || !strings.HasPrefix(err.Error(), dir+": cannot make the run directory: ") {
			t.Errorf("error %v", err)
		}
	}
}

func TestPaths(t *testing.T) {
	d := Dir("r")
	got := []string{d.Recipe(), d.Metrics(), d.Result(), d.Checkpoints(), d.Model()}
	if want := "[r/recipe.json r/metrics.jsonl r/result.json r/checkpoints r/model]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %v", got, want)
	}
}
