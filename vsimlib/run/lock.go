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
	"vsim/vsimlib/lock"
)

// Lock makes the run directory if it is missing and takes it for this process. A second taker, in this process or
// another, gets an error that names the holder's pid and the directory. The lock is on DIR/.lock (see package lock), so it ends
// with the process however that dies, and a left file does not block anyone. With the lock, it removes the unfinished
// files that a killed writer left. unlock may be called more than once.
func (d Dir) Lock() (unlock func(), err error) {
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return nil, fmt.Errorf("%s: cannot make the run directory: %w", d, atomicfile.Cause(err))
	}
	release, ok, err := lock.Try(d.lockFile())
	if err != nil {
		return nil, fmt.Errorf("%s: cannot lock the run directory: %w", d, atomicfile.Cause(err))
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w by %s; wait for it or stop it", d, errInUse, d.holder())
	}
	if err := os.WriteFile(d.lockFile(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o666); err != nil {
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

// waitEvery is the time between two attempts of Wait.
const waitEvery = 100 * time.Millisecond

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
		case <-time.After(waitEvery):
		}
	}
}

// Busy reports whether a process has the directory now. The answer may be old when it arrives: only Lock takes it.
func (d Dir) Busy() bool { return lock.Held(d.lockFile()) }

// holder names the process that wrote its pid into the lock file.
func (d Dir) holder() string {
	f, err := os.Open(d.lockFile())
	if err != nil {
		return "another process"
	}
	defer f.Close()
	data, _ := io.ReadAll(io.LimitReader(f, 32))
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil { // it has the lock and has not written its pid yet
		return "another process"
	}
	return fmt.Sprintf("process %d", pid)
}
