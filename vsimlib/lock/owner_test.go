// SPDX-License-Identifier: Apache-2.0

package lock

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/filetest"
)

// TestMain is also a process that takes the lock at a path, without flock, and has it until it is killed.
func TestMain(m *testing.M) {
	if filetest.Role() != "owner" {
		os.Exit(m.Run())
	}
	flocked = refuse(syscall.ENOLCK)
	_, ok, err := Try(os.Args[1])
	fmt.Println(ok, err)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

func refuse(err error) func(string, int, bool) (func(), bool, error) {
	return func(path string, _ int, _ bool) (func(), bool, error) {
		return func() {}, false, fmt.Errorf("%s: %w", path, err)
	}
}

// withoutFlock is a file system that refuses flock with err. It returns the lines of Warn, and a function that makes the process
// give one sign of life.
func withoutFlock(t *testing.T, err error) (said *[]string, beat func()) {
	t.Helper()
	before, warn, ticker := flocked, Warn, beats
	said = new([]string)
	var mu sync.Mutex
	ticks := make(chan time.Time)
	flocked = refuse(err)
	Warn = func(line string) { mu.Lock(); *said = append(*said, line); mu.Unlock() }
	ended := make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	beats = func() (<-chan time.Time, func()) { return ticks, end }
	t.Cleanup(func() { flocked, Warn, beats = before, warn, ticker })
	return said, func() {
		select {
		case ticks <- time.Now():
		case <-ended:
		}
	}
}

// TestNoFlock takes locks of files and folders by an owner file, whichever way the file system says that it has no flock.
func TestNoFlock(t *testing.T) {
	for _, errno := range []error{syscall.ENOLCK, syscall.ENOTSUP, syscall.EOPNOTSUPP, syscall.ENOSYS} {
		said, _ := withoutFlock(t, errno)
		dir := t.TempDir()
		path := filepath.Join(dir, "sub")
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{path, filepath.Join(dir, "file")} {
			if Held(path) || Holder(path) != "" {
				t.Errorf("%s: held before it was taken", path)
			}
			unlock, ok, err := Try(path)
			if !ok || err != nil || !Held(path) {
				t.Fatalf("%v: %s: %t, %v", errno, path, ok, err)
			}
			if want := fmt.Sprintf("process %d", os.Getpid()); Holder(path) != want {
				t.Errorf("held by %q, want %q", Holder(path), want)
			}
			release, ok, err := Try(path)
			if ok || err != nil {
				t.Errorf("%s: taken twice: %t, %v", path, ok, err)
			}
			release()
			if !Held(path) {
				t.Errorf("%s: freed by another", path)
			}
			unlock()
			again, ok, err := Try(path)
			if !ok || err != nil {
				t.Errorf("%s: not free: %t, %v", path, ok, err)
			}
			unlock()
			if !Held(path) {
				t.Errorf("%s: freed by its earlier owner", path)
			}
			again()
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*"+OwnerSuffix+"*")); len(left)+len(*said) > 0 {
			t.Errorf("left %q, said %q", left, *said)
		}
	}
	withoutFlock(t, syscall.EIO)
	if _, ok, err := Try(filepath.Join(t.TempDir(), "lock")); ok || err == nil {
		t.Error("an error of another kind passes")
	}
}

// TestOwnerKilled: a process that is killed on this host loses its lock at once, with one line.
func TestOwnerKilled(t *testing.T) {
	said, _ := withoutFlock(t, syscall.ENOLCK)
	path := filepath.Join(t.TempDir(), "lock")
	child := filetest.Child(t, "owner", path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "true <nil>\n" {
		t.Fatalf("the child's Try: %s", line)
	}
	if _, ok, err := Try(path); ok || err != nil || !Held(path) {
		t.Fatalf("taken from a living process: %t, %v", ok, err)
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	if Held(path) {
		t.Error("held by a process that was killed")
	}
	unlock, ok, err := Try(path)
	if !ok || err != nil {
		t.Fatalf("not taken over: %t, %v", ok, err)
	}
	defer unlock()
	want := fmt.Sprintf("%s: its lock was that of process %d, which has ended; taken over", path, child.Process.Pid)
	if len(*said) != 1 || (*said)[0] != want {
		t.Errorf("said %q, want %q", *said, want)
	}
}

// left writes an owner file that a process left, with the age of its last sign of life.
func left(t *testing.T, path, content string, age time.Duration) {
	t.Helper()
	file := path + OwnerSuffix
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	last := time.Now().Add(-age)
	if err := os.Chtimes(file, last, last); err != nil {
		t.Fatal(err)
	}
}

// TestStale takes a lock over after the stated time without a sign of life, and not before, from another host, another space of
// pids, and a process that never wrote who it is; at once from a dead one whose pid is ours now.
func TestStale(t *testing.T) {
	text := func(change func(*owner)) string {
		o := newOwner()
		change(&o)
		data, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	other := text(func(o *owner) { o.Host, o.Boot, o.PID = "node7", "another", 77 })
	for _, c := range []struct {
		name, content string
		age           time.Duration
		want          string // of the line, "" where it is held
	}{
		{"another host, alive", other, Stale / 2, ""},
		{"another host, stale", other, Stale + time.Minute, "process 77 on node7, which has given no sign of life for 3m0s; taken over"},
		{"a container, alive", text(func(o *owner) { o.Space = "pid:[1]" }), Stale / 2, ""},
		{"a container, stale", text(func(o *owner) { o.Space = "pid:[1]" }), Stale + time.Minute, "which has given no sign of life"},
		{"not written yet", "", 0, ""},
		{"a path as token", `{"host":"node7","pid":7,"token":"/../../x"}`, Stale + time.Minute, "that of another process, which has"},
		{"never written", "", Stale + time.Minute, "another process, which has given no sign of life"},
		{"our pid, of an earlier process", text(func(*owner) {}), 0, "which has ended"},
	} {
		said, _ := withoutFlock(t, syscall.ENOTSUP)
		path := filepath.Join(t.TempDir(), "lock")
		left(t, path, c.content, c.age)
		if held := Held(path); held != (c.want == "") {
			t.Errorf("%s: held %t", c.name, held)
		}
		unlock, ok, err := Try(path)
		if err != nil || ok != (c.want != "") || ok && (len(*said) != 1 || !strings.Contains((*said)[0], c.want)) {
			t.Errorf("%s: %t, %v, said %q", c.name, ok, err, *said)
		}
		unlock()
	}
}

// TestBeat gives signs of life, and notices that another process took the lock over, which it then leaves alone.
func TestBeat(t *testing.T) {
	said, beat := withoutFlock(t, syscall.ENOTSUP)
	path := filepath.Join(t.TempDir(), "lock")
	unlock, ok, err := Try(path)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path+OwnerSuffix, old, old); err != nil {
		t.Fatal(err)
	}
	beat()
	beat() // received once the first one is done with
	_, last, err := readOwner(path + OwnerSuffix)
	if err != nil || time.Since(last) > time.Minute {
		t.Errorf("the last sign of life was at %v, %v", last, err)
	}
	other := `{"host":"node7","pid":7,"token":"OTHER"}`
	left(t, path, other, 0)
	beat()
	unlock()
	if len(*said) != 1 || !strings.Contains((*said)[0], path+": the lock was taken over: this process was stopped for longer than 2m0s") {
		t.Errorf("said %q", *said)
	}
	if data, err := os.ReadFile(path + OwnerSuffix); err != nil || string(data) != other {
		t.Errorf("the other's file: %q, %v", data, err)
	}
}

// TestTakeOverOnce: of many that find a lock stale one takes it.
func TestTakeOverOnce(t *testing.T) {
	said, _ := withoutFlock(t, syscall.ENOTSUP)
	path := filepath.Join(t.TempDir(), "lock")
	for round := range 20 {
		left(t, path, fmt.Sprintf(`{"host":"node7","pid":7,"token":"T%d"}`, round), Stale+time.Minute)
		var wait sync.WaitGroup
		unlocks := make(chan func(), 8)
		for range cap(unlocks) {
			wait.Go(func() {
				if unlock, ok, err := Try(path); ok {
					unlocks <- unlock
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		close(unlocks)
		if len(unlocks) != 1 {
			t.Errorf("%d took the lock", len(unlocks))
		}
		for unlock := range unlocks {
			unlock()
		}
	}
	if len(*said) != 20 {
		t.Errorf("%d lines, want 20", len(*said))
	}
	if left, _ := filepath.Glob(path + OwnerSuffix + "*"); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// TestTakeOverKilled: a process that was killed while it took a lock over blocks no other.
func TestTakeOverKilled(t *testing.T) {
	_, _ = withoutFlock(t, syscall.ENOTSUP)
	path := filepath.Join(t.TempDir(), "lock")
	left(t, path, `{"host":"node7","pid":7,"token":"T"}`, Stale+time.Minute)
	claim := path + OwnerSuffix + "-after-T"
	if err := os.WriteFile(claim, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := Try(path); ok || err != nil {
		t.Fatalf("while another takes it over: %t, %v", ok, err)
	}
	old := time.Now().Add(-Stale - time.Minute)
	if err := os.Chtimes(claim, old, old); err != nil {
		t.Fatal(err)
	}
	unlock, ok, err := Try(path)
	if !ok || err != nil {
		t.Fatalf("%t, %v", ok, err)
	}
	unlock()
}
