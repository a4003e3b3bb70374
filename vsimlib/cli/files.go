// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/run"
)

// PrepareOut makes sure, before long work begins, that a file can be written at path: that there is none yet unless force is set,
// and that its folder exists.
func (a *App) PrepareOut(path string, force bool) error {
	if err := run.Refuse(path, force); err != nil {
		return fmt.Errorf("%s: %w", a.verb, err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s: %s: is a directory", a.verb, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("%s: %w", a.verb, err)
	}
	atomicfile.SweepDead(filepath.Dir(path))
	return nil
}

// NonNil returns an empty list instead of none, which JSON would print as null.
func NonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
