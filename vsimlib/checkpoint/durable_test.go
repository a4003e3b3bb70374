// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"path/filepath"
	"testing"

	"vsim/vsimlib/atomicfile/atomicfiletest"
)

// TestSaveLasts: all of a checkpoint is synced before it has its name, and the name after; also where it replaces one.
func TestSaveLasts(t *testing.T) {
	disk := atomicfiletest.Watch(t)
	dir := filepath.Join(t.TempDir(), "run", "checkpoints")
	for range 2 {
		save(t, dir, 1, nil)
		if lost := disk.Lost(filepath.Dir(dir)); len(lost) > 0 {
			t.Errorf("a power cut takes %q", lost)
		}
	}
}
