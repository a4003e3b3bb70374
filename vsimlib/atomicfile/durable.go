// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Operations are those that decide what a power cut leaves.
type Operations struct {
	Sync     func(f *os.File) error      // fsync, of a file or a folder
	Rename   func(from, to string) error // rename(2)
	Exchange func(a, b string) error     // rename(2) that swaps two names
}

var operations = Operations{
	Sync:     (*os.File).Sync,
	Rename:   os.Rename,
	Exchange: exchange,
}

// Replace sets the operations until restore, for tests: they record what is called, or let it fail.
func Replace(o Operations) (before Operations, restore func()) {
	before = operations
	operations = o
	return before, func() { operations = before }
}

// Sync returns once the bytes of a file are on the disk.
func Sync(f *os.File) error { return operations.Sync(f) }

// Rename gives a file or folder another name. Its bytes must be on the disk (Sync), and the name lasts only after SyncDir.
func Rename(from, to string) error { return operations.Rename(from, to) }

// Exchange swaps two names at once; not every file system can.
func Exchange(a, b string) error { return operations.Exchange(a, b) }

// SyncDir makes the names in dir last through a power cut. A file system that cannot sync folders (CIFS, some of FUSE) is no
// error: it keeps names in its own way.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := Sync(d); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}

// MkdirAll makes a folder and those that it is to be in, with names that last. The error is one of package os.
func MkdirAll(dir string) error {
	var parents []string // of the folders that are missing
	for path := filepath.Clean(dir); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			break
		}
		parents = append(parents, filepath.Dir(path))
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, parent := range parents {
		_ = SyncDir(parent) // a folder that may be written and not read
	}
	return nil
}
