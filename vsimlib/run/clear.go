// SPDX-License-Identifier: Apache-2.0

package run

import (
	"errors"
	"fmt"
	"os"

	"vsim/vsimlib/atomicfile"
)

// Clear removes what a run has left in the directory, and nothing else, so that the next one starts afresh. It is refused
// while another process has the directory. The result goes first and the recipe last: stopped half way, the rest is still
// a run that can be gone on with or cleared.
func (d Dir) Clear() error {
	if _, err := os.Lstat(string(d)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	unlock, err := d.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	for _, path := range []string{d.Result(), d.Model(), d.Checkpoints(), d.Metrics(), d.Identity(), d.Recipe()} {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("%s: cannot be removed: %w", path, atomicfile.Cause(err))
		}
	}
	return nil
}
