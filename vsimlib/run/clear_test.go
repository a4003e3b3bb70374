// SPDX-License-Identifier: Apache-2.0

package run

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vsim/vsimlib/filetest"
)

func TestClearRemovesTheRunAndNothingElse(t *testing.T) {
	d := Dir(t.TempDir())
	own := []string{d.Recipe(), d.Identity(), d.Metrics(), d.Result(),
		filepath.Join(d.Checkpoints(), "step-00000010", "manifest.json"),
		filepath.Join(d.Checkpoints(), ".part-best-00000010-ABCDEFGH", "weights.safetensors"), filepath.Join(d.Model(), ConfigFile)}
	users := []string{filepath.Join(string(d), "notes.txt"),
		filepath.Join(d.Model(), "mine.bin"), filepath.Join(d.Checkpoints(), "a", "b")}
	for _, path := range append(slices.Clone(own), users...) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Clear(); err != nil {
		t.Fatal(err)
	}
	for _, path := range own {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s is still there (%v)", path, err)
		}
	}
	for _, path := range users {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("a user's own file is gone: %v", err)
		}
	}
	if left := filetest.Names(t, d.Checkpoints()); len(left) != 1 {
		t.Errorf("folders of checkpoints are left: %v", left)
	}
}

func TestClearOfNothing(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "none"))
	if err := d.Clear(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(string(d)); !os.IsNotExist(err) {
		t.Errorf("the directory was made (%v)", err)
	}
}

func TestClearRefusesARunInUse(t *testing.T) {
	d := Dir(t.TempDir())
	unlock, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := os.WriteFile(d.Result(), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.Clear(); err == nil {
		t.Error("a run in use was cleared")
	}
	if _, err := os.Stat(d.Result()); err != nil {
		t.Error(err)
	}
}
