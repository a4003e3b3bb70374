// SPDX-License-Identifier: Apache-2.0

// Package lock keeps processes apart by flock(2) on a file or folder, through github.com/gofrs/flock. A lock ends with its process
// however that ends; the file stays and blocks no process.
//
// Some file systems of clusters have no flock: Lustre without -o flock, NFS without lockd. There a file next to the lock says who
// has it: host, pid and a random token. Its process touches it every [Beat]; it is taken over, with one line through [Warn], after
// [Stale] without a sign of life, and at once where its process is known to have ended on this host. A process that is stopped
// (SIGSTOP, a suspended machine) for longer loses its lock so, which flock would keep.
package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// Warn gets a line where a lock is taken over. A program sets it at its start.
var Warn = func(line string) {}

// every is the time between two attempts of Wait.
const every = 100 * time.Millisecond

// Held has the lock, shared, for a moment. Try looks again after this time where only such a lock refused it, this often.
const (
	glance  = time.Millisecond
	glances = 1000
)

// Try takes the lock at path without waiting; ok reports whether it was free. A file is made where there is none, a folder must
// exist. Another lock of the same process counts as another's. unlock may be called more than once.
func Try(path string) (unlock func(), ok bool, err error) {
	flags := os.O_CREATE | os.O_RDWR // for writing, as NFS asks
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		flags = os.O_RDONLY
	}
	for range glances {
		unlock, ok, err = flocked(path, flags, false)
		if noFlock(err) {
			return tryOwner(path)
		}
		if ok || err != nil || Held(path) {
			break
		}
		time.Sleep(glance)
	}
	return unlock, ok, err
}

// Held reports whether a process has the lock at path now. The answer may be old when it arrives: only Try takes the lock. Held
// refuses no Try: it looks by a shared lock, which another Held may have too, and for whose end Try waits.
func Held(path string) bool {
	unlock, ok, err := flocked(path, os.O_RDONLY, true)
	if noFlock(err) {
		return heldByOwner(path)
	}
	if err != nil {
		return false
	}
	unlock()
	return !ok
}

// Wait takes the lock at path, making its folder where needed. While another has it, Wait tries again until ctx ends, and calls
// waiting, if it is not nil, once.
func Wait(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	for first := true; ; first = false {
		unlock, ok, err := Try(path)
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		if ok {
			return unlock, nil
		}
		if first && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(every):
		}
	}
}

// noFlock reports whether an error is that of a file system without flock.
func noFlock(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP) ||
		errors.Is(err, syscall.ENOSYS)
}

// flocked takes the lock by flock, for this process alone or shared, again where a signal interrupts. A variable for the tests.
var flocked = func(path string, flags int, shared bool) (unlock func(), ok bool, err error) {
	l := flock.New(path, flock.SetFlag(flags), flock.SetPermissions(0o666))
	take := l.TryLock
	if shared {
		take = l.TryRLock
	}
	for {
		ok, err = take()
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		var named *os.PathError
		if !errors.As(err, &named) {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return func() {}, false, err
	}
	return func() { _ = l.Unlock() }, ok, nil
}
