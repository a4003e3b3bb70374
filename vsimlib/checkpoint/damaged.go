// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
)

// Survey looks at all checkpoints of dir, named ones too. It returns the names of those that hold, and one line for each in which a
// file is missing, has another size or other bytes. Bytes are read of files that were changed since the manifest was written; with
// all set, of all.
func Survey(dir string, all bool) (good, damaged []string) {
	steps, others, err := list(dir)
	if err != nil {
		return nil, []string{err.Error()}
	}
	for _, step := range steps {
		others = append(others, named{stepName, step})
	}
	for _, o := range others {
		entry := entryName(o.name, o.step)
		if err := glance(filepath.Join(dir, entry), o.step, all); err != nil {
			damaged = append(damaged, fmt.Sprintf("checkpoint: %v", err))
			continue
		}
		good = append(good, entry)
	}
	return good, damaged
}

// glance compares the files of a checkpoint with its manifest; their bytes where they were changed, or all.
func glance(path string, step int, all bool) error {
	m, err := readManifest(path, step)
	if err != nil {
		return err
	}
	own, err := os.Stat(filepath.Join(path, ManifestFile))
	if err != nil {
		return fmt.Errorf("%s: %w", path, atomicfile.Cause(err))
	}
	for name, want := range m.Files {
		file := filepath.Join(path, name)
		info, err := os.Stat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = errors.New("is missing")
		case err != nil:
			err = atomicfile.Cause(err)
		case all || info.Size() != want.Size || !info.ModTime().Before(own.ModTime()):
			err = checkFile(file, want)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}
