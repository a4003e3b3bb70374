// SPDX-License-Identifier: Apache-2.0

package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/lock"
	"vsim/vsimlib/text"
)

// Lock makes the run directory if it is missing and takes it for this process. A second taker, in this process or
// another, gets an error that names the holder's pid and the directory. The lock is on DIR/.lock (see package lock), so it ends
// with the process however that dies, and a left file does not block anyone. With the lock, it removes the unfinished
// files that a killed writer left. unlock may be called more than once.
func (d Dir) Lock() (unlock func(), err error) {
	if err := atomicfile.MkdirAll(string(d)); err != nil {
		return nil, fmt.Errorf("%s: cannot make the run directory: %w", d, atomicfile.Cause(err))
	}
	release, ok, err := lock.Try(d.lockFile())
	if err != nil {
		return nil, fmt.Errorf("%s: cannot lock the run directory: %w", d, atomicfile.Cause(err))
	}
	if !ok {
		return nil, d.inUse()
	}
	host, _ := os.Hostname()
	if err := os.WriteFile(d.lockFile(), fmt.Appendf(nil, "%d %s\n", os.Getpid(), host), 0o666); err != nil {
		release()
		return nil, fmt.Errorf("%s: cannot lock the run directory: %w", d, atomicfile.Cause(err))
	}
	atomicfile.Sweep(string(d))
	// The file is emptied, not removed: another process may have it open already and would lock a file without a name.
	return sync.OnceFunc(func() {
		_ = os.Truncate(d.lockFile(), 0)
		release()
	}), nil
}

var errInUse = errors.New("in use")

// pause is the time between two attempts of Wait. A variable for the tests.
var pause = func() <-chan time.Time { return time.After(100 * time.Millisecond) }

// Wait is Lock that waits until the directory is free or ctx ends.
func (d Dir) Wait(ctx context.Context) (unlock func(), err error) {
	for {
		unlock, err = d.Lock()
		if !errors.Is(err, errInUse) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-pause():
		}
	}
}

// Busy reports whether a process has the directory now. The answer may be old when it arrives: only Lock takes it.
func (d Dir) Busy() bool { return lock.Held(d.lockFile()) }

func (d Dir) inUse() error {
	return fmt.Errorf("%s: %w by %s; wait for it or stop it", d, errInUse, d.holder())
}

// Refused returns the error of Lock where a process has the directory now, without locking it.
func (d Dir) Refused() error {
	if busy, _ := d.Last(); busy {
		return d.inUse()
	}
	return nil
}

// Last reports whether a process has the directory now and, where none has, whether the last one ended without releasing it: it was
// killed, or the machine stopped. The answer takes no lock that would refuse a run that begins.
func (d Dir) Last() (busy, died bool) {
	pid, err := filetype.ReadFile(d.lockFile())
	if err != nil || len(pid) == 0 {
		return false, false
	}
	busy = d.Busy()
	return busy, !busy
}

// holder names the process that wrote its pid and host into the lock file; the host only where it is another.
func (d Dir) holder() string {
	if name := lock.Holder(d.lockFile()); name != "" {
		return name
	}
	f, err := filetype.Open(d.lockFile())
	if err != nil {
		return "another process"
	}
	defer f.Close()
	data, _ := io.ReadAll(io.LimitReader(f, 512))
	pid, on, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
	if _, err := strconv.Atoi(pid); err != nil { // it has the lock and has not written its pid yet
		return "another process"
	}
	if host, _ := os.Hostname(); on == "" || on == host {
		return "process " + pid
	}
	return fmt.Sprintf("process %s on %s", pid, text.OneLine(on))
}
