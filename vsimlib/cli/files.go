// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
)

// PrepareOut makes sure, before long work begins, that a file of a kind can be written at path: that there is none yet unless force
// is set, which replaces one of this kind only, and that its folder exists and can be written to.
func (a *App) PrepareOut(path string, kind outdir.FileKind, force bool) error {
	if err := a.PrepareFile(path, kind); err != nil {
		return err
	}
	if err := run.Refuse(path, force); err != nil {
		return fmt.Errorf("%s: %w", a.verb, err)
	}
	return nil
}

// PrepareFile is PrepareOut for a verb that calls DoneBefore then.
func (a *App) PrepareFile(path string, kind outdir.FileKind) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s: %s: is a directory", a.verb, path)
	} else if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %s: is not a regular file; use another name", a.verb, path)
	}
	folder := filepath.Dir(path)
	if err := a.PrepareDir(folder); err != nil {
		return err
	}
	if err := outdir.CheckFile(path, kind); err != nil {
		return fmt.Errorf("%s: %w", a.verb, err)
	}
	if err := atomicfile.MkdirAll(folder); err != nil {
		return fmt.Errorf("%s: %w", a.verb, err)
	}
	atomicfile.SweepDead(folder)
	return nil
}

// PrepareDir makes sure, before long work begins, that a directory can be made or written to.
func (a *App) PrepareDir(dir string) error {
	if err := outdir.Writable(dir); err != nil {
		return fmt.Errorf("%s: %w", a.verb, err)
	}
	return nil
}

// DoneBefore reports whether a verb has nothing left to do: where path exists and force is not set, look compares it with what the
// verb would write. Its error is embeddings.ErrDiffers where that is not the same; then nothing is overwritten.
func (a *App) DoneBefore(path string, force bool, look func() error) (done bool, err error) {
	if _, err := os.Lstat(path); err != nil || force {
		return false, nil
	}
	err = look()
	if errors.Is(err, embeddings.ErrDiffers) {
		return false, fmt.Errorf("%s: %w; --force overwrites it", a.verb, err)
	}
	return err == nil, err
}

// NonNil returns an empty list instead of none, which JSON would print as null.
func NonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
