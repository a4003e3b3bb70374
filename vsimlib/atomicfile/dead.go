// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// create makes the temporary file of a file in dir. Until alive is called it is locked, which says that its writer is alive; where
// the file system knows no locks, SweepDead removes nothing.
func create(dir, base string) (f *os.File, temp string, alive func(), err error) {
	// It says only whose file it is; a name as long as one can be leaves no room for more.
	base = strings.ToValidUTF8(base[:min(len(base), 100)], "")
	for range 3 { // SweepDead may take it between its making and its lock
		temp = filepath.Join(dir, Prefix+base+"-"+rand.Text()[:8])
		// Mode 0666 less the umask, as for any file a command makes; os.CreateTemp would make it private.
		if f, err = os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
			return nil, temp, nil, err
		}
		alive, locked := lockTemp(temp)
		if locked {
			return f, temp, alive, nil
		}
		f.Close()
		os.Remove(temp)
	}
	return nil, temp, nil, errUnlocked
}

var errUnlocked = errors.New("its temporary file cannot be locked: another process takes it, or the umask forbids to read it")

// lockTemp is lock. A variable for the tests.
var lockTemp = lock

// Probe returns an error where no file can be made in dir. It leaves none.
func Probe(dir string) error {
	f, temp, alive, err := create(dir, "probe")
	if err != nil {
		return err
	}
	defer alive()
	err = os.Remove(temp)
	if errors.Is(err, fs.ErrNotExist) { // swept by a process that has just locked the directory
		err = nil
	}
	return errors.Join(err, f.Close())
}

// lock takes the lock on a file, and reports whether it is the caller's: not another's, and the file still there.
func lock(path string) (unlock func(), ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return func() {}, false
	}
	unlock = func() { f.Close() }
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == unix.EWOULDBLOCK {
		unlock()
		return func() {}, false
	}
	own, err1 := f.Stat()
	named, err2 := os.Lstat(path)
	return unlock, err1 == nil && err2 == nil && os.SameFile(own, named)
}

// SweepDead removes the unfinished files in dir, not below it, that killed writers left. Those of writers that are alive stay, so
// it may run anywhere. What cannot be removed stays: it does no harm.
func SweepDead(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !e.Type().IsRegular() || !Unfinished(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			os.Remove(path)
		}
		f.Close()
	}
}
