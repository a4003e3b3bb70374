// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/lock"
	"vsim/vsimlib/outdir"
)

// filled returns a function that writes two files of the kind with a text.
func filled(text string) func(string) error {
	return func(aside string) error {
		return errors.Join(os.WriteFile(filepath.Join(aside, "a"), []byte(text), 0o666), os.Mkdir(filepath.Join(aside, "b"), 0o777),
			os.WriteFile(filepath.Join(aside, "b", "c"), []byte(text), 0o666))
	}
}

// plain is fill of a directory without an origin.
func plain(fill func(string) error) func(string) (*Origin, error) {
	return func(aside string) (*Origin, error) { return nil, fill(aside) }
}

// holds checks that a directory is whole, with that text, and that nothing is left next to it.
func holds(t *testing.T, dir, text string) {
	t.Helper()
	if err := Hold(dir); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"a", "b/c"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(data) != text {
			t.Errorf("%s: %q, %v, want %q", name, data, err, text)
		}
	}
	alone(t, dir)
}

// alone checks that nothing unfinished is next to a directory.
func alone(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(dir))
	for _, e := range entries {
		if err != nil || atomicfile.Unfinished(e.Name()) {
			t.Errorf("left: %s, %v", e.Name(), err)
		}
	}
}

// TestBuild makes a directory where it is absent, empty or reached by a link, and replaces one with force, but not a user's files
// in it.
func TestBuild(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "x", "dir")
	if err := Build(dir, kind, false, filled("1")); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "1")
	if err := Build(dir, kind, false, filled("2")); err == nil || !strings.HasPrefix(err.Error(), dir+": exists; --force") {
		t.Errorf("without force: %v", err)
	}
	holds(t, dir, "1")
	for _, name := range []string{"mine", "b/mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("user's"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(top, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if err := Build(link, kind, true, filled("3")); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "3")
	alone(t, link)
	for _, name := range []string{"mine", "b/mine"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(data) != "user's" {
			t.Errorf("the user's %s: %q, %v", name, data, err)
		}
	}
	empty := filepath.Join(top, "empty")
	if err := os.Mkdir(empty, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := Build(empty, kind, false, filled("4")); err != nil {
		t.Fatal(err)
	}
	holds(t, empty, "4")
}

// TestBuildFails leaves what was there, and names it, not the directory aside.
func TestBuildFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	full := errors.New("full")
	fail := func(aside string) error {
		_ = os.WriteFile(filepath.Join(aside, "a"), []byte("half"), 0o666)
		return errors.Join(full, errors.New(filepath.Join(aside, "b")+": full"))
	}
	err := Build(dir, kind, false, fail)
	if !errors.Is(err, full) || !strings.Contains(err.Error(), filepath.Join(dir, "b")+": full") {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("something is there")
	}
	alone(t, dir)
	if err := Build(dir, kind, false, filled("1")); err != nil {
		t.Fatal(err)
	}
	if err := Build(dir, kind, true, fail); !errors.Is(err, full) {
		t.Error(err)
	}
	holds(t, dir, "1")
}

// TestBuildAfterKill: the next Build clears what killed ones left, brings back a directory that was being replaced and a user's
// files in it, and leaves one alone that is being made.
func TestBuildAfterKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	part := func(letter string) string {
		return filepath.Join(filepath.Dir(dir), partPrefix+"dir-"+strings.Repeat(letter, 8))
	}
	put := func(path string) {
		t.Helper()
		if err := fillAside(path, kind, plain(filled("old"))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "mine"), []byte("user's"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(filepath.Dir(dir), oldPrefix+"dir"))
	if err := os.Mkdir(part("A"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := Build(dir, kind, false, filled("1")); err == nil || !strings.Contains(err.Error(), "exists; --force") {
		t.Errorf("the directory that was being replaced is not back: %v", err)
	}
	holds(t, dir, "old")
	if err := os.Remove(filepath.Join(dir, "mine")); err != nil {
		t.Fatal(err)
	}
	put(part("B")) // exchanged, and not cleared yet
	if err := Build(dir, kind, true, filled("2")); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "2")
	if data, err := os.ReadFile(filepath.Join(dir, "mine")); err != nil || string(data) != "user's" {
		t.Errorf("the user's file: %q, %v", data, err)
	}
	if err := os.Mkdir(part("C"), 0o777); err != nil {
		t.Fatal(err)
	}
	unlock, ok, err := lock.Try(part("C"))
	if err != nil || !ok {
		t.Fatal(err)
	}
	if err := Build(dir, kind, true, filled("3")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(part("C")); err != nil {
		t.Errorf("a directory that another process makes: %v", err)
	}
	unlock()
}

// TestMoveIn fills a directory from one inside it, as where that is a mount.
func TestMoveIn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	for _, text := range []string{"1", "2"} {
		aside := filepath.Join(dir, partPrefix+"dir-AAAAAAAA")
		if err := os.MkdirAll(aside, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := fillAside(aside, kind, plain(filled(text))); err != nil {
			t.Fatal(err)
		}
		if err := publish(aside, dir, kind, true); err != nil {
			t.Fatal(err)
		}
		holds(t, dir, text)
		if made, err := outdir.Check(dir, kind); !made || err != nil {
			t.Errorf("%t, %v", made, err)
		}
	}
}

// TestManifestIsDue: a directory that was made as a whole does not look like a user's own once its manifest is lost or was never
// written; it can be made again. Without both markers it is the user's.
func TestManifestIsDue(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	lose := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 2 { // made, and made again
		if err := Build(dir, kind, true, filled("1")); err != nil {
			t.Fatal(err)
		}
		holds(t, dir, "1")
		lose(outdir.MarkerFile)
		if _, err := Read(dir); err == nil || errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "vsim.json: is missing") {
			t.Errorf("lost: %v", err)
		}
	}
	if err := outdir.Take(dir, kind); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir); err == nil || errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "was stopped") {
		t.Errorf("never written: %v", err)
	}
	if err := Build(dir, kind, true, filled("2")); err != nil {
		t.Fatal(err)
	}
	lose(outdir.DueFile)
	if err := Hold(dir); err == nil || !strings.Contains(err.Error(), outdir.DueFile+": is missing") {
		t.Errorf("the second marker is lost: %v", err)
	}
	lose(outdir.MarkerFile)
	if _, err := Read(dir); !errors.Is(err, ErrNone) {
		t.Errorf("without both: %v", err)
	}
}
