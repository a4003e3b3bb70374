// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"path/filepath"
	"slices"
	"testing"

	"vsim/vsimlib/filetest"
)

// TestFindNotebook: a notebook of the project goes by its name or its number, with leading zeros or without.
func TestFindNotebook(t *testing.T) {
	known := []string{"/n/00_start.ipynb", "/n/03_model.ipynb", "/n/10_more.ipynb"}
	for arg, want := range map[string]string{"0": known[0], "00": known[0], "3": known[1], "03": known[1], "003": known[1],
		"03_model": known[1], "03_model.ipynb": known[1], "10": known[2], "1": "", "-3": "", "x": ""} {
		if got, err := findNotebook(arg, known); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", arg, got, err)
		}
	}
}

// TestNamedNotebooks: the user's own notebooks next to the project's go by name too; folders and executed parts do not.
func TestNamedNotebooks(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "notebooks")
	for _, name := range []string{"02_minibatch.ipynb", "mine.ipynb", "mine.partial.ipynb", "notes.txt", "more/other.ipynb"} {
		filetest.Write(t, filepath.Join(folder, name), "{}")
	}
	named := namedNotebooks(root)
	if want := []string{filepath.Join(folder, "02_minibatch.ipynb"), filepath.Join(folder, "mine.ipynb")}; !slices.Equal(named, want) {
		t.Fatalf("%q, want %q", named, want)
	}
	for _, arg := range []string{"mine", "mine.ipynb"} {
		if path, err := findNotebook(arg, named); err != nil || path != named[1] {
			t.Errorf("%s: %s, %v", arg, path, err)
		}
	}
}
