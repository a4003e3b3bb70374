// SPDX-License-Identifier: Apache-2.0

package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/atomicfile/atomicfiletest"
)

// TestWriteLasts: bytes are synced before the rename, the name after it, whether there was a file before or not.
func TestWriteLasts(t *testing.T) {
	disk := atomicfiletest.Watch(t)
	path := filepath.Join(t.TempDir(), "f")
	for _, text := range []string{"first", "second"} {
		if err := atomicfile.Write(path, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			t.Fatal(err)
		}
		if lost := disk.Lost(path); len(lost) > 0 {
			t.Errorf("a power cut takes %q", lost)
		}
	}
}

// TestMkdirAllLasts makes three folders with names that last, and none that exists.
func TestMkdirAllLasts(t *testing.T) {
	disk := atomicfiletest.Watch(t)
	top := t.TempDir()
	for range 2 {
		if err := atomicfile.MkdirAll(filepath.Join(top, "a", "b", "c") + "/"); err != nil {
			t.Fatal(err)
		}
	}
	if lost := disk.Lost(filepath.Join(top, "a")); len(lost) > 0 {
		t.Errorf("a power cut takes %q", lost)
	}
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.MkdirAll(filepath.Join(file, "below")); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("below a file: %v", err)
	}
}

// TestSync is the system's: it fails for what cannot be synced.
func TestSync(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := atomicfile.Sync(w); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a pipe: %v", err)
	}
	w.Close()
	if err := atomicfile.Sync(w); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a closed file: %v", err)
	}
}

// TestSyncFails: a folder that cannot be synced by its file system passes; a file that cannot, and any other error, does not.
func TestSyncFails(t *testing.T) {
	for _, c := range []struct {
		err    error
		folder bool
		ok     bool
	}{
		{syscall.EINVAL, true, true}, {syscall.ENOTSUP, true, true}, {syscall.EOPNOTSUPP, true, true},
		{syscall.EIO, true, false}, {syscall.ENOSPC, true, false},
		{syscall.EINVAL, false, false}, {syscall.EIO, false, false}, {syscall.ENOSPC, false, false},
	} {
		dir := t.TempDir()
		failing := atomicfile.Operations{Rename: os.Rename, Sync: func(f *os.File) error {
			if info, err := f.Stat(); err != nil || info.IsDir() == c.folder {
				return &os.PathError{Op: "sync", Path: f.Name(), Err: c.err}
			}
			return nil
		}}
		_, restore := atomicfile.Replace(failing)
		err := atomicfile.Write(filepath.Join(dir, "f"), func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err })
		restore()
		if (err == nil) != c.ok || err != nil && !errors.Is(err, c.err) {
			t.Errorf("%v of a folder %t: %v", c.err, c.folder, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return atomicfile.Unfinished(e.Name()) }) {
			t.Errorf("%v: left %v, %v", c.err, entries, err)
		}
	}
}
