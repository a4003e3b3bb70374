// SPDX-License-Identifier: Apache-2.0

package runid

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
)

// Check returns an error if a run of a stage from the model directory init ("": none) may not be in dir, and writes nothing: dir
// must be absent, empty or a run's, which is of the same stage unless force says that it is removed, and init may not be in it.
func Check(stage string, dir run.Dir, init string, force bool) error {
	made, err := outdir.Check(string(dir), run.Kind)
	if err != nil {
		return fmt.Errorf("%s: %w", stage, err)
	}
	if made && !force && began(dir) {
		if err := sameStage(dir, stage); err != nil {
			return err
		}
	}
	if init == "" {
		return nil
	}
	for _, out := range []string{string(dir), dir.Model()} { // the second may be a link
		inside, err := within(out, init)
		if err != nil {
			return fmt.Errorf("%s: %w", stage, err)
		}
		if inside {
			return fmt.Errorf("%s: the model %s to start from is in %s, where the run is to be; use another directory", stage, init, dir)
		}
	}
	return nil
}

// within reports whether path is dir or below it, links followed. What does not exist is in nothing.
func within(dir, path string) (bool, error) {
	for _, p := range []*string{&dir, &path} {
		real, err := filepath.EvalSymlinks(*p)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if *p, err = filepath.Abs(real); err != nil {
			return false, err
		}
	}
	relative, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(relative), err
}
