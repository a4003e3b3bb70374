// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOwnNotebooksAreApart: the project's notebooks are known by their names; a user's own next to them are not among them.
func TestOwnNotebooksAreApart(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "notebooks")
	for _, name := range []string{
		"01_one_record.ipynb", "00_quickstart.ipynb", "00_quickstart.partial.ipynb", "10_mine.ipynb", "Untitled.ipynb", "README.md",
		".ipynb_checkpoints/00_quickstart-checkpoint.ipynb", "own/mine.ipynb",
	} {
		write(t, filepath.Join(dir, name), "{}")
	}
	paths, missing := Notebooks(root)
	is := func(what string, got []string, names ...string) {
		t.Helper()
		var want []string
		for _, name := range names {
			want = append(want, filepath.Join(dir, name))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s %v, want %v", what, got, want)
		}
	}
	is("notebooks", paths, "00_quickstart.ipynb", "01_one_record.ipynb")
	if len(missing) != 9 || missing[0] != filepath.Join(dir, "02_minibatch.ipynb") {
		t.Errorf("missing %v", missing)
	}
	is("own", OwnNotebooks(root), "10_mine.ipynb", "Untitled.ipynb", "own")
	checkoutRoot, err := Root(".")
	if err != nil {
		t.Fatal(err)
	}
	if paths, missing := Notebooks(checkoutRoot); len(paths) != 11 || len(missing) > 0 {
		t.Errorf("of this checkout %v, missing %v", paths, missing)
	}
}

// TestCopies follows a working copy: made, followed while it is unchanged, left alone once it is the user's.
func TestCopies(t *testing.T) {
	root := t.TempDir()
	p := checkout{root}
	notebook, other := filepath.Join(p.notebooks(), "00_quickstart.ipynb"), filepath.Join(p.notebooks(), "01_one_record.ipynb")
	own := filepath.Join(p.notebooks(), "mine.ipynb")
	for path, text := range map[string]string{notebook: "1", other: "1", own: "mine"} {
		write(t, path, text)
	}
	step := func(what, want string, logged bool) {
		t.Helper()
		var log strings.Builder
		if err := p.updateCopies(&log); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(p.work(), "00_quickstart.ipynb"))
		if err != nil || string(data) != want || (log.Len() > 0) != logged {
			t.Errorf("%s: the copy is %q, %v, the log %q", what, data, err, log.String())
		}
	}
	step("first", "1", false)
	write(t, notebook, "2")
	step("the notebook has changed", "2", false)
	write(t, filepath.Join(p.work(), "00_quickstart.ipynb"), "my try")
	step("the copy has changed", "my try", false)
	write(t, notebook, "3")
	step("both have changed", "my try", true)
	write(t, filepath.Join(p.work(), copiesFile), "damaged")
	step("nothing is known", "my try", true)
	if err := os.Remove(filepath.Join(p.work(), "00_quickstart.ipynb")); err != nil {
		t.Fatal(err)
	}
	step("removed", "3", false)
	write(t, filepath.Join(p.notebooks(), "README.md"), "contents")
	step("with contents", "3", false)
	if data, err := os.ReadFile(filepath.Join(p.work(), "README.md")); err != nil || string(data) != "contents" {
		t.Errorf("the contents are %q, %v", data, err)
	}
	if data, err := os.ReadFile(other); err != nil || string(data) != "1" {
		t.Errorf("the notebook itself is %q, %v", data, err)
	}
	// What is written to a link goes to the user's own file.
	write(t, filepath.Join(p.work(), "mine.ipynb"), "changed")
	if data, err := os.ReadFile(own); err != nil || string(data) != "changed" {
		t.Errorf("the own notebook is %q, %v", data, err)
	}
	if err := os.Remove(own); err != nil {
		t.Fatal(err)
	}
	step("the own notebook is gone", "3", false)
	if _, err := os.Lstat(filepath.Join(p.work(), "mine.ipynb")); err == nil {
		t.Error("its link stays")
	}
	var known map[string]string
	data, err := os.ReadFile(filepath.Join(p.work(), copiesFile))
	if err == nil {
		err = json.Unmarshal(data, &known)
	}
	if err != nil || len(known) != 3 || known["01_one_record.ipynb"] != checksum([]byte("1")) {
		t.Errorf("known %v, %v", known, err)
	}
}
