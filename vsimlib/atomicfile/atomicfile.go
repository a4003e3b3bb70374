// SPDX-License-Identifier: Apache-2.0

// Package atomicfile writes files that appear whole or not at all, and removes what killed writers left.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Prefix starts the names of files and directories that are still being written, or that were replaced and are being removed, so
// that a sweep can tell what a killed process left behind from a user's own files.
const Prefix = ".vsim-part-"

// Write writes the file at path through write: into a temporary file of the same folder, which is synced and renamed
// over path once complete, and the folder synced after it. A reader sees the old file or the new one, never a part. If
// anything fails, a full disk for one, the old file stays as it was and the temporary one is removed. The writer given
// to write is buffered.
func Write(path string, write func(w io.Writer) error) (err error) {
	dir, base := filepath.Split(path)
	if base == "" {
		return fmt.Errorf("%s: is not a file name", path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s: is a directory", path)
	}
	f, temp, alive, err := create(dir, base)
	if err != nil {
		return fmt.Errorf("%s: cannot write: %w", path, Cause(err))
	}
	defer alive()
	done := false
	defer func() {
		if !done { // also where write panics
			f.Close()
			os.Remove(temp)
		}
	}()
	if err := fill(f, write); err != nil {
		return fmt.Errorf("%s: not written: %w", path, err)
	}
	if err := Rename(temp, path); err != nil {
		return fmt.Errorf("%s: not written: %w", path, Cause(err))
	}
	done = true
	if err := SyncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("%s: written, but its folder cannot be synced: %w", path, Cause(err))
	}
	return nil
}

// WriteData is Write of data that is all in memory.
func WriteData(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// fill passes a buffered writer on f to write, then flushes, syncs and closes f.
func fill(f *os.File, write func(w io.Writer) error) error {
	buffered := bufio.NewWriterSize(bare{f}, 1<<20)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if err := Sync(f); err != nil {
		return Cause(err)
	}
	return Cause(f.Close())
}

// bare is a file with write errors that do not name the temporary file.
type bare struct{ f *os.File }

func (b bare) Write(p []byte) (int, error) {
	n, err := b.f.Write(p)
	if err != nil {
		err = Cause(err)
	}
	return n, err
}

// Sweep removes what killed writers left in dir and the folders under it. It must run only where no other process
// writes there. What cannot be removed stays: it does no harm.
func Sweep(dir string) {
	_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && Unfinished(entry.Name()) {
			os.Remove(path)
		}
		return nil
	})
}

// Unfinished reports whether a file of this name is one that was still being written.
func Unfinished(name string) bool { return strings.HasPrefix(name, Prefix) }

// Cause strips the operation and path that package os puts before an error's reason: callers name the path they were
// asked for, which for an atomic write is not the temporary one. errors.Is sees the same reason as before.
func Cause(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
