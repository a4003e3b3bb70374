// SPDX-License-Identifier: Apache-2.0

// Package outdir decides whether vsim may write into a directory: it must be absent, empty, or vsim's own. A directory that vsim
// writes has a marker, vsim.json, which names what it is; a [Kind] says which of its files vsim writes, and how directories are
// recognised that older versions made without a marker.
package outdir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/lock"
)

// Kind is one of the things that vsim writes a directory for.
type Kind struct {
	Name string // run, corpus, …
	// Files are the files that vsim writes, as patterns of io/fs.Glob. Clear removes them in this order, with folders that are empty
	// then.
	Files []string
	// Made reports whether an older version made the directory, which has no marker; nil: none is recognised.
	Made func(dir string) bool
}

// MarkerFile is the name of the marker in a directory.
const MarkerFile = "vsim.json"

// DueFile is the name of a second marker in directories that are made as a whole, corpora and imported models. It says that a
// manifest is due: without it, a directory that lost its marker would look like a user's own.
const DueFile = ".vsim.json"

// version is that of the marker's form.
const version = 1

// marker is the content of the marker. Keys may be added; a version that is not known is refused.
type marker struct {
	Kind    string `json:"kind"`
	Version int    `json:"version"`
}

// Check reports whether dir has what vsim made of this kind. A directory with anything else in it is an error, which names what it
// has; one that is absent or empty is not.
func Check(dir string, kind Kind) (made bool, err error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%s: %w", dir, atomicfile.Cause(err))
	case !info.IsDir():
		return false, fmt.Errorf("%s: is not a directory", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("%s: %w", dir, atomicfile.Cause(err))
	}
	name, err := kind.of(dir)
	switch {
	case err != nil:
		return false, err
	case name == kind.Name:
		return true, nil
	case name != "":
		return false, fmt.Errorf("%s: is a %s of vsim, not a %s; use another directory", dir, name, kind.Name)
	}
	for _, e := range entries {
		if !Lock(e.Name()) && !atomicfile.Unfinished(e.Name()) {
			return false, fmt.Errorf("%s: has %s and is no %s of vsim; use a directory that is empty or absent", dir, e.Name(), kind.Name)
		}
	}
	return false, nil
}

// Writable returns an error where nothing can be written into dir, or the folders on the way to it cannot be made. It leaves
// nothing there. Verbs ask before long work begins.
func Writable(dir string) error {
	dir = filepath.Clean(dir)
	folder := dir
	info, err := os.Stat(folder)
	for errors.Is(err, fs.ErrNotExist) && folder != filepath.Dir(folder) {
		if _, err := os.Lstat(folder); err == nil {
			return fmt.Errorf("%s: is a link that leads nowhere; use another directory", folder)
		}
		folder = filepath.Dir(folder)
		info, err = os.Stat(folder)
	}
	if err == nil && !info.IsDir() {
		err = errors.New("is not a directory")
	}
	if err == nil {
		err = atomicfile.Probe(folder)
	}
	switch {
	case err == nil:
		return nil
	case folder == dir:
		return fmt.Errorf("%s: nothing can be written there (%w); use another directory", dir, atomicfile.Cause(err))
	}
	return fmt.Errorf("%s: cannot be made in %s (%w); use another directory", dir, folder, atomicfile.Cause(err))
}

// LockFile is a file that does not count: a process that has locked the directory may have ended before it wrote anything.
const LockFile = ".lock"

// OwnerFile says who has the lock on a file system without flock (package lock).
const OwnerFile = LockFile + lock.OwnerSuffix

// Lock reports whether a file of this name belongs to the lock.
func Lock(name string) bool { return name == LockFile || strings.HasPrefix(name, OwnerFile) }

// NameOf returns the name of the kind that vsim made dir as, by its marker or as an older version of this kind did; "" where it is
// nothing of vsim.
func NameOf(dir string, kind Kind) (name string, err error) { return kind.of(dir) }

// of returns what the directory is, by its marker or as an older version of this kind; "" where it is nothing of vsim.
func (k Kind) of(dir string) (name string, err error) {
	path := filepath.Join(dir, MarkerFile)
	data, err := filetype.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && Due(dir) {
		path = filepath.Join(dir, DueFile)
		data, err = filetype.ReadFile(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if k.Made != nil && k.Made(dir) {
			return k.Name, nil
		}
		return "", nil
	case err != nil:
		return "", fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	var m marker
	if err := json.Unmarshal(data, &m); err != nil || m.Kind == "" || m.Version < 1 {
		if k.Made != nil && k.Made(dir) { // the marker was damaged
			return k.Name, nil
		}
		return "", fmt.Errorf("%s: does not say what vsim made of the directory; use another one", path)
	}
	if m.Version != version {
		return "", fmt.Errorf("%s: is of version %d, this vsim knows %d; use another directory", path, m.Version, version)
	}
	return m.Kind, nil
}

// Take makes dir where it is missing and marks it, before anything else is written: what a process that is killed leaves is
// recognised.
func Take(dir string, kind Kind) error {
	if err := atomicfile.MkdirAll(dir); err != nil {
		return fmt.Errorf("%s: cannot be made: %w", dir, atomicfile.Cause(err))
	}
	return mark(filepath.Join(dir, MarkerFile), kind)
}

// TakeWhole is Take of a directory that is made as a whole, with the second marker.
func TakeWhole(dir string, kind Kind) error {
	if err := Take(dir, kind); err != nil {
		return err
	}
	return mark(filepath.Join(dir, DueFile), kind)
}

// Due reports whether dir has the second marker.
func Due(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, DueFile))
	return err == nil
}

// mark writes a marker, where it is not there already.
func mark(path string, kind Kind) error {
	data, err := json.MarshalIndent(marker{kind.Name, version}, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if was, err := filetype.ReadFile(path); err == nil && bytes.Equal(was, data) {
		return nil
	}
	return atomicfile.WriteData(path, data)
}

// Clear removes the files of this kind from dir, also unfinished ones, and nothing else. The marker stays. Where Clearable refuses
// the directory, nothing is removed.
func Clear(dir string, kind Kind) error {
	if err := Clearable(dir, kind); err != nil {
		return err
	}
	if err := Take(dir, kind); err != nil {
		return err
	}
	atomicfile.Sweep(dir)
	found, err := clearable(dir, kind)
	if err != nil {
		return err
	}
	for _, name := range found {
		if err := remove(dir, name); err != nil {
			return err
		}
	}
	return nil
}

// Clearable returns an error where a folder on the way to a file of this kind is a link: Clear does not follow it.
func Clearable(dir string, kind Kind) error {
	_, err := clearable(dir, kind)
	return err
}

// clearable lists the files of this kind in dir, in their order. All are looked at before the first is removed: a run without its
// result, for one, would no longer be done.
func clearable(dir string, kind Kind) (names []string, err error) {
	for _, pattern := range kind.Files {
		found, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pattern, err)
		}
		for _, name := range found {
			name = filepath.FromSlash(name)
			if err := linked(dir, name); err != nil {
				return nil, err
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// Leave removes the markers and the lock of dir, which was cleared, and dir itself where nothing else is in it; left lists what is.
func Leave(dir string) (left []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, atomicfile.Cause(err))
	}
	for _, e := range entries {
		if name := e.Name(); name != MarkerFile && name != DueFile && !Lock(name) {
			left = append(left, name)
		} else if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return left, fmt.Errorf("%s: cannot be removed: %w", filepath.Join(dir, name), atomicfile.Cause(err))
		}
	}
	if len(left) > 0 {
		return left, nil
	}
	if err := os.Remove(dir); err != nil {
		return nil, fmt.Errorf("%s: cannot be removed: %w", dir, atomicfile.Cause(err))
	}
	return nil, nil
}

// linked returns an error where a folder on the way to a file below dir is a link.
func linked(dir, name string) error {
	for folder := filepath.Dir(name); folder != "."; folder = filepath.Dir(folder) {
		if info, err := os.Lstat(filepath.Join(dir, folder)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s: is a link, which is not followed; remove it or use another directory", filepath.Join(dir, folder))
		}
	}
	return nil
}

// remove removes a file below dir, and the folders that are empty without it.
func remove(dir, name string) error {
	path := filepath.Join(dir, name)
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("%s: cannot be removed: %w", path, atomicfile.Cause(err))
	}
	for folder := filepath.Dir(name); folder != "."; folder = filepath.Dir(folder) {
		if os.Remove(filepath.Join(dir, folder)) != nil {
			break // it is not empty
		}
	}
	return nil
}
