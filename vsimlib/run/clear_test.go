// SPDX-License-Identifier: Apache-2.0

package run

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestClearRemovesTheRunAndNothingElse(t *testing.T) {
	d := Dir(t.TempDir())
	own := []string{d.Recipe(), d.Identity(), d.Metrics(), d.Result(), filepath.Join(d.Checkpoints(), "a", "b"),
		filepath.Join(d.Model(), ConfigFile)}
	notes := filepath.Join(string(d), "notes.txt")
	for _, path := range append(slices.Clone(own), notes) {
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
	if _, err := os.Stat(notes); err != nil {
		t.Errorf("a user's own file is gone: %v", err)
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
