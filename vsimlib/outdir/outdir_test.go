// SPDX-License-Identifier: Apache-2.0

package outdir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var runs = Kind{Name: "run", Files: []string{"model/*.safetensors", "recipe.json"},
	Made: func(dir string) bool { _, err := os.Stat(filepath.Join(dir, "identity.json")); return err == nil }}

// tree makes a directory with files.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range files {
		name, content, _ := strings.Cut(name, "=")
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestCheck takes what is absent, empty or vsim's own, and names what stands in the way of all else.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		made  bool
		want  string // of the error, "" for none
	}{
		{"empty", nil, false, ""},
		{"only a lock and an unfinished file", []string{".lock", ".vsim-part-recipe.json-ABC"}, false, ""},
		{"a run", []string{`vsim.json={"kind":"run","version":1}`, "notes.txt"}, true, ""},
		{"keys of later versions", []string{`vsim.json={"kind":"run","version":1,"files":{}}`}, true, ""},
		{"an older version's run", []string{"identity.json"}, true, ""},
		{"a corpus", []string{`vsim.json={"kind":"corpus","version":1}`}, false, "is a corpus of vsim, not a run; use another directory"},
		{"a user's file", []string{"notes.txt"}, false, "has notes.txt and is no run of vsim"},
		{"a model", []string{"model/model.safetensors"}, false, "has model and is no run of vsim"},
		{"a hidden file", []string{".git/HEAD"}, false, "has .git and is no run of vsim"},
		{"another program's file", []string{"vsim.json={}"}, false, "does not say what vsim made"},
		{"a torn marker", []string{`vsim.json={"kin`}, false, "does not say what vsim made"},
		{"a marker with a bit flipped", []string{`vsim.json={"kind":"run","versiof":1}`, "identity.json"}, true, ""},
		{"a later version's", []string{`vsim.json={"kind":"run","version":2}`}, false, "is of version 2, this vsim knows 1"},
	} {
		dir := tree(t, c.files...)
		made, err := Check(dir, runs)
		if made != c.made || (err == nil) != (c.want == "") {
			t.Errorf("%s: made %t, %v", c.name, made, err)
		}
		if err != nil && (!strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), dir)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	file := filepath.Join(tree(t, "f"), "f")
	if _, err := Check(file, runs); err == nil || !strings.Contains(err.Error(), "is not a directory") {
		t.Errorf("a file: %v", err)
	}
	if made, err := Check(filepath.Join(t.TempDir(), "absent"), runs); made || err != nil {
		t.Errorf("absent: %t, %v", made, err)
	}
	if _, err := Check(filepath.Join(file, "below"), runs); err == nil {
		t.Error("below a file")
	}
}

// TestTake marks a directory; taken again it is the same.
func TestTake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		if err := Take(dir, runs); err != nil {
			t.Fatal(err)
		}
		if made, err := Check(dir, runs); !made || err != nil {
			t.Errorf("%t, %v", made, err)
		}
	}
}

// TestClear removes the kind's files and empty folders, and leaves a user's files and what a link leads to.
func TestClear(t *testing.T) {
	dir := tree(t, "identity.json", "recipe.json", "model/model.safetensors", "model/.vsim-part-x-1", "notes.txt")
	if err := Clear(dir, runs); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 || left[0].Name() != "identity.json" || left[1].Name() != "notes.txt" ||
		left[2].Name() != MarkerFile {
		t.Errorf("left %v, %v", left, err)
	}
	dir = tree(t, "model/model.safetensors", "model/mine.bin", "recipe.json")
	if err := Clear(dir, runs); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "model")); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
	elsewhere := tree(t, "model.safetensors")
	dir = tree(t, "recipe.json")
	if err := os.Symlink(elsewhere, filepath.Join(dir, "model")); err != nil {
		t.Fatal(err)
	}
	recipeFirst := Kind{Name: "run", Files: []string{"recipe.json", "model/*.safetensors"}}
	for _, err := range []error{Clearable(dir, recipeFirst), Clear(dir, recipeFirst), Clear(dir, runs)} {
		if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "model")+": is a link") {
			t.Errorf("a link: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "recipe.json")); err != nil {
		t.Errorf("refused, but a file is gone: %v", err)
	}
	if _, err := os.Stat(filepath.Join(elsewhere, "model.safetensors")); err != nil {
		t.Errorf("the file behind the link is gone: %v", err)
	}
}

// TestWritable: a directory that is absent, also with its parents, passes if it could be made; nothing is made, and nothing left.
func TestWritable(t *testing.T) {
	top := tree(t, "file")
	for _, dir := range []string{top, filepath.Join(top, "a", "b", "c"), "."} {
		if err := Writable(dir); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(top, "link")); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		filepath.Join(top, "file"):           "file: nothing can be written there (is not a directory); use another directory",
		filepath.Join(top, "file", "a", "b"): "b: nothing can be written there (not a directory); use another directory",
		filepath.Join(top, "link", "a"):      "link: is a link that leads nowhere",
		"/proc/none/a":                       "/proc/none/a: cannot be made in /proc (",
	} {
		if err := Writable(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
	}
	if entries, err := os.ReadDir(top); err != nil || len(entries) != 2 {
		t.Errorf("left %v, %v", entries, err)
	}
}

// TestWritableUser: an unprivileged user may not write into another's directory.
func TestWritableUser(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	for _, path := range []string{dir, filepath.Join(dir, "a", "b")} {
		if err := Writable(path); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
