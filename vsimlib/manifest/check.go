// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/text"
)

// Problem is a file that is not as its manifest says.
type Problem struct {
	Dir, Name string // the name is below the directory, with slashes
	What      string // "is missing", …
}

// Path is that of the file.
func (p Problem) Path() string { return filepath.Join(p.Dir, filepath.FromSlash(p.Name)) }

// Error is one line that begins with the file's path.
func (p Problem) Error() string { return p.Path() + ": " + p.What }

// Check returns what does not hold, in the order of names: by sizes, and by bytes of files that were changed since the manifest was
// written. Only files whose name wanted (nil: all) reports true for are looked at.
func (m *Manifest) Check(wanted func(name string) bool) []Problem {
	began := time.Now()
	problems, hashed := m.check(wanted, m.changed)
	if len(problems) == 0 && hashed && wanted == nil {
		path := filepath.Join(m.dir, outdir.MarkerFile)
		_ = os.Chtimes(path, began, began) // where it cannot be, the next use hashes them again
	}
	return problems
}

// Glance is Check by sizes alone: it reads and changes nothing. Lists of many directories use it.
func (m *Manifest) Glance() []Problem {
	problems, _ := m.check(nil, func(fs.FileInfo) bool { return false })
	return problems
}

// Verify is Check that reads all bytes of all files.
func (m *Manifest) Verify() []Problem {
	problems, _ := m.check(nil, func(fs.FileInfo) bool { return true })
	return problems
}

func (m *Manifest) check(wanted func(string) bool, read func(fs.FileInfo) bool) (problems []Problem, hashed bool) {
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if wanted != nil && !wanted(name) {
			continue
		}
		path, want := filepath.Join(m.dir, filepath.FromSlash(name)), m.Files[name]
		info, err := os.Stat(path)
		what := ""
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			if _, err := os.Stat(filepath.Dir(path)); !want.Loose || err == nil {
				what = "is missing"
			}
		case err != nil:
			what = atomicfile.Cause(err).Error()
		case !info.Mode().IsRegular():
			what = "is not a regular file"
		case info.Size() != want.Size:
			what = fmt.Sprintf("has %d bytes, not the %d of the manifest", info.Size(), want.Size)
		case read(info):
			hashed = true
			got, err := Hash(path)
			what = differs(got, want)
			if err != nil {
				what = atomicfile.Cause(err).Error()
			}
		}
		if what != "" {
			problems = append(problems, Problem{m.dir, name, what})
		}
	}
	return problems, hashed
}

// differs says how a file differs from what it must be, "" where it does not.
func differs(got, want File) string {
	if got.Size == want.Size && got.SHA256 == want.SHA256 {
		return ""
	}
	has, wants := text.Differing(got.SHA256, want.SHA256)
	return fmt.Sprintf("was altered: its sha256 begins %s, the manifest's %s", has, wants)
}

// changed reports whether a file may have been changed since the manifest was written. The time of the last change of any kind
// counts too: unlike that of the last writing, a program cannot set it back.
func (m *Manifest) changed(info fs.FileInfo) bool {
	last := info.ModTime().UnixNano()
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		last = max(last, changeTime(st))
	}
	return last >= m.modified
}

// Has reports whether the manifest lists the file.
func (m *Manifest) Has(name string) bool { _, ok := m.Files[name]; return ok }

// ReadFile reads a file that the manifest lists and returns its bytes if they are as it says; else the error is a Problem.
func (m *Manifest) ReadFile(name string) ([]byte, error) {
	data, err := filetype.ReadFile(filepath.Join(m.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, Problem{m.dir, name, atomicfile.Cause(err).Error()}
	}
	got, _ := of(bytes.NewReader(data))
	if what := differs(got, m.Files[name]); what != "" {
		return nil, Problem{m.dir, name, what}
	}
	return data, nil
}

// Hash reads a file and returns its size and checksum.
func Hash(path string) (File, error) {
	f, err := filetype.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	defer f.Close()
	file, err := of(f)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	return file, nil
}

// of reads to the end.
func of(r io.Reader) (File, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return File{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// HashAll reads the files of these names below dir.
func HashAll(dir string, names ...string) (map[string]File, error) {
	files := map[string]File{}
	for _, name := range names {
		file, err := Hash(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		files[name] = file
	}
	return files, nil
}

// Names lists the files below a folder of dir, sorted, without unfinished ones, the marker and lock files.
func Names(dir, folder string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(dir), filepath.ToSlash(filepath.Clean(folder)), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch base := entry.Name(); {
		case base == outdir.MarkerFile, outdir.Lock(base), atomicfile.Unfinished(base), !entry.Type().IsRegular():
		default:
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, atomicfile.Cause(err))
	}
	return names, nil
}

// Hold returns what does not hold of a directory that should be done: the error of Read, or the problems of Check.
func Hold(dir string) error {
	_, problems := ReadHeld(dir)
	return errors.Join(problems...)
}

// ReadHeld is Read of a directory that should be done, with what does not hold of it, a line each; without a manifest that is the
// error of Read alone.
func ReadHeld(dir string) (*Manifest, []error) {
	m, err := Read(dir)
	if err != nil {
		return nil, []error{err}
	}
	var problems []error
	for _, p := range m.Check(nil) {
		problems = append(problems, p)
	}
	return m, problems
}

// Fits reports whether value, written as package jsonfile does, is the file of that name.
func (m *Manifest) Fits(name string, value any) bool {
	data, err := jsonfile.Encode(value)
	if err != nil {
		return false
	}
	got, _ := of(bytes.NewReader(data))
	return differs(got, m.Files[name]) == ""
}
