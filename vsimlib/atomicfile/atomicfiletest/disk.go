// SPDX-License-Identifier: Apache-2.0

// Package atomicfiletest shows in tests what a power cut would leave: it records which bytes and which names were synced.
package atomicfiletest

import (
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"vsim/vsimlib/atomicfile"
)

// Disk is what would survive a power cut: of each file the bytes at its last fsync, of each folder the names at its last fsync.
type Disk struct {
	// Renamed, where it is set, is called before each rename to a name that lasts.
	Renamed func(from, to string)

	t       testing.TB
	files   map[uint64][sha256.Size]byte // by inode
	sizes   map[uint64]int64
	folders map[uint64]map[string]uint64 // the inodes of its names
	pinned  []*os.File                   // keep the kernel from giving an inode to another file
}

// Watch records from now to the end of the test. A rename of a file whose bytes were not synced, or of a folder with such files or
// with names that were not synced, is an error of the test: the name may last longer than what it names.
func Watch(t testing.TB) *Disk {
	d := &Disk{t: t, files: map[uint64][sha256.Size]byte{}, sizes: map[uint64]int64{}, folders: map[uint64]map[string]uint64{}}
	var own atomicfile.Operations
	before, restore := atomicfile.Replace(own)
	own = atomicfile.Operations{
		Sync: func(f *os.File) error {
			err := before.Sync(f)
			if err == nil {
				d.synced(f)
			}
			return err
		},
		Rename: func(from, to string) error {
			d.renaming(from, to)
			return before.Rename(from, to)
		},
		Exchange: func(a, b string) error {
			d.renaming(a, b)
			return before.Exchange(a, b)
		},
	}
	atomicfile.Replace(own)
	t.Cleanup(func() {
		restore()
		for _, f := range d.pinned {
			f.Close()
		}
	})
	return d
}

// Lost returns what of path, a file or a folder with all below it, a power cut would take now or leave with other bytes; the name
// of path itself counts too. Locks and unfinished files do not count.
func (d *Disk) Lost(path string) (lost []string) {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		d.t.Fatal(err)
	}
	own, err := os.Stat(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if d.folders[inode(folder)][filepath.Base(path)] != inode(own) {
		lost = append(lost, path+" (its name)")
	}
	return append(lost, d.below(path)...)
}

// Lasts returns what a power cut would leave of a file that is only appended to.
func (d *Disk) Lasts(path string) []byte {
	info, err := os.Stat(path)
	if err != nil {
		d.t.Error(err)
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		d.t.Error(err)
		return nil
	}
	return data[:d.sizes[inode(info)]]
}

// below is Lost without the name of path.
func (d *Disk) below(path string) (lost []string) {
	err := filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if !entry.IsDir() {
			if info.Mode().IsRegular() && !passedOver(entry.Name()) && d.files[inode(info)] != sum(d.t, path) {
				lost = append(lost, path+" (its bytes)")
			}
			return nil
		}
		entries, err := os.ReadDir(path)
		for _, e := range entries {
			below, err := e.Info()
			if err != nil {
				return err
			}
			if !passedOver(e.Name()) && d.folders[inode(info)][e.Name()] != inode(below) {
				lost = append(lost, filepath.Join(path, e.Name())+" (its name)")
			}
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return lost
}

// passedOver reports whether a file of this name holds nothing that must last.
func passedOver(name string) bool { return name == ".lock" || atomicfile.Unfinished(name) }

// synced notes what f is now.
func (d *Disk) synced(f *os.File) {
	info, err := f.Stat()
	if err != nil {
		d.t.Error(err)
		return
	}
	if !info.IsDir() {
		d.files[inode(info)], d.sizes[inode(info)] = sum(d.t, f.Name()), info.Size()
		if pin, err := os.Open(f.Name()); err == nil {
			d.pinned = append(d.pinned, pin)
		}
		return
	}
	names := map[string]uint64{}
	entries, err := os.ReadDir(f.Name())
	if err != nil {
		d.t.Error(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			names[e.Name()] = inode(info)
		}
	}
	d.folders[inode(info)] = names
}

// renaming checks what is about to get a name that lasts.
func (d *Disk) renaming(from, to string) {
	if atomicfile.Unfinished(filepath.Base(to)) || filepath.Base(to)[0] == '.' {
		return
	}
	if _, err := os.Lstat(from); err != nil {
		return // the rename fails
	}
	for _, lost := range d.below(from) {
		d.t.Errorf("%s is renamed before %s is synced", from, lost)
	}
	if d.Renamed != nil {
		d.Renamed(from, to)
	}
}

func inode(info fs.FileInfo) uint64 { return info.Sys().(*syscall.Stat_t).Ino }

func sum(t testing.TB, path string) (s [sha256.Size]byte) {
	f, err := os.Open(path)
	if err != nil {
		t.Error(err)
		return s
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Error(err)
	}
	h.Sum(s[:0])
	return s
}
