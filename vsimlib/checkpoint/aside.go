// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/lock"
)

// Prefixes of a directory that is being written or removed, and of a checkpoint that is being replaced.
const (
	partPrefix = ".part-"
	oldPrefix  = ".old-"
)

// partPath is a path for a directory aside that nothing has yet.
func partPath(dir, entry string) string {
	return filepath.Join(dir, partPrefix+entry+"-"+rand.Text()[:8])
}

// makePart makes the directory aside. It stays locked until release, so that another process can distinguish it from one with a
// dead writer.
func makePart(dir, entry string) (path string, release func(), err error) {
	path = partPath(dir, entry)
	// Mode 0777 less the umask, as for any directory a command makes; os.MkdirTemp would make it private.
	if err := os.Mkdir(path, 0o777); err != nil {
		return "", nil, err
	}
	release, _, _ = lock.Try(path) // where it cannot be locked, the run directory's lock must suffice
	return path, release, nil
}

// publish gives the complete directory its name. A checkpoint that has the name already is first set aside; a kill between the
// two renames leaves it there for tidy to restore. The name lasts once settleName is done.
func publish(dir, part, entry string) error {
	final, old := filepath.Join(dir, entry), filepath.Join(dir, oldPrefix+entry)
	switch err := atomicfile.Rename(final, old); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return atomicfile.Cause(err)
	}
	if err := atomicfile.Rename(part, final); err != nil {
		_ = atomicfile.Rename(old, final)
		return atomicfile.Cause(err)
	}
	return nil
}

// settleName makes the name of a published checkpoint last, and removes the one that it replaced.
func settleName(dir, entry string) error {
	if err := atomicfile.SyncDir(dir); err != nil {
		return atomicfile.Cause(err)
	}
	_ = os.RemoveAll(filepath.Join(dir, oldPrefix+entry)) // what stays is cleared by the next writer
	return nil
}

// alive reports whether the writer of a directory aside is alive. The path may also be that of the owner file of its lock.
func alive(path string) bool { return lock.Held(strings.TrimSuffix(path, lock.OwnerSuffix)) }

// tidy removes what dead writers left in dir, and restores a checkpoint that one was about to replace. It returns one line for
// each thing that could not be removed, which does no harm.
func tidy(dir string) (warnings []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, atomicfile.Cause(err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if entry, ok := strings.CutPrefix(e.Name(), oldPrefix); ok {
			final := filepath.Join(dir, entry)
			if _, err := os.Lstat(final); errors.Is(err, os.ErrNotExist) {
				if err := atomicfile.Rename(path, final); err != nil {
					return warnings, fmt.Errorf("%s: cannot be taken back: %w", path, atomicfile.Cause(err))
				}
				continue
			}
		} else if !strings.HasPrefix(e.Name(), partPrefix) || alive(path) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			warnings = append(warnings, fmt.Sprintf("checkpoint: %s: cannot be removed: %v", path, atomicfile.Cause(err)))
		}
	}
	return warnings, nil
}
