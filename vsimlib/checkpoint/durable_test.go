// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vsim/vsimlib/atomicfile"
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

// TestSaveNotSynced: a checkpoint whose folder alone cannot be synced has its name and can be loaded, and the error says so.
func TestSaveNotSynced(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, testState{Best: 1})
	own, restore := atomicfile.Replace(atomicfile.Operations{})
	defer restore()
	failing := own
	failing.Sync = func(f *os.File) error {
		if f.Name() == dir {
			return &os.PathError{Op: "sync", Path: dir, Err: syscall.EIO}
		}
		return own.Sync(f)
	}
	atomicfile.Replace(failing)
	err := Save(dir, 1, groupsOf(1), testState{Best: 2})
	if want := filepath.Join(dir, "step-00000001") + ": saved, but its folder cannot be synced: "; err == nil ||
		!strings.Contains(err.Error(), want) || !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v, want %s", err, want)
	}
	atomicfile.Replace(own)
	loaded, _ := latest(t, dir, 1)
	if !strings.Contains(string(loaded.State), `"best": 2`) {
		t.Errorf("state %s", loaded.State)
	}
	save(t, dir, 2, nil)
	wantEntries(t, dir, "step-00000001", "step-00000002")
}
