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
	"time"

	"golang.org/x/sys/unix"
)

// Lock makes the run directory if it is missing and takes it for this process. A second taker, in this process or
// another, gets an error that names the holder's pid and the directory. The lock is an flock(2) on DIR/.lock, so it ends
// with the process however that dies, and a left file does not block anyone. Having the lock, it removes the unfinished
// files that a killed writer left. unlock may be called more than once.
func (d Dir) Lock() (unlock func(), err error) {
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return nil, fmt.Errorf("%s: cannot make the run directory: %w", d, Cause(err))
	}
	f, err := os.OpenFile(d.lockFile(), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot lock the run directory: %w", d, Cause(err))
	}
	if err := flock(f); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w by %s; wait for it or stop it", d, errInUse, holder(f))
		}
		return nil, fmt.Errorf("%s: cannot lock the run directory: %w", d, err)
	}
	if err := writePid(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: cannot lock the run directory: %w", d, Cause(err))
	}
	Sweep(string(d))
	// The file is emptied, not removed: another process may have it open already and would lock a file without a name.
	return func() {
		_ = f.Truncate(0) // fails harmlessly on the second call
		f.Close()
	}, nil
}

var errInUse = errors.New("in use")

// waitEvery is how often Wait looks.
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

// Busy tells whether somebody has the directory now. The answer may be old when it arrives: only Lock takes it.
func (d Dir) Busy() bool {
	f, err := os.Open(d.lockFile())
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(flock(f), unix.EWOULDBLOCK)
}

// flock takes an exclusive lock without waiting, again where a signal interrupts.
func flock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func writePid(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder names the process that wrote its pid into the lock file.
func holder(f *os.File) string {
	data, _ := io.ReadAll(io.LimitReader(f, 32))
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil { // it has the lock and has not written its pid yet
		return "another process"
	}
	return fmt.Sprintf("process %d", pid)
}
