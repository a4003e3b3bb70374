// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/atomicfile/atomicfiletest"
)

// synced is filled with files that last.
func synced(text string) func(string) error {
	write := func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	return func(aside string) error {
		return errors.Join(os.Mkdir(filepath.Join(aside, "b"), 0o777), atomicfile.Write(filepath.Join(aside, "a"), write),
			atomicfile.Write(filepath.Join(aside, "b", "c"), write))
	}
}

// TestBuildLasts: a directory that is made aside has synced bytes and names before it has its name, and that lasts; also where it
// replaces one, with and without an exchange, and where it is moved into a mount.
func TestBuildLasts(t *testing.T) {
	disk := atomicfiletest.Watch(t)
	dir := filepath.Join(t.TempDir(), "x", "dir")
	check := func(what string) {
		t.Helper()
		if lost := disk.Lost(filepath.Dir(dir)); len(lost) > 0 {
			t.Errorf("%s: a power cut takes %q", what, lost)
		}
	}
	for _, text := range []string{"new", "replaced"} {
		if err := Build(dir, kind, true, synced(text)); err != nil {
			t.Fatal(err)
		}
		check(text)
	}
	var without atomicfile.Operations
	before, restore := atomicfile.Replace(without)
	without = before
	without.Exchange = func(string, string) error { return errors.ErrUnsupported }
	atomicfile.Replace(without)
	if err := Build(dir, kind, true, synced("without an exchange")); err != nil {
		t.Fatal(err)
	}
	restore()
	check("without an exchange")
	aside := filepath.Join(dir, partPrefix+"dir-AAAAAAAA")
	if err := os.Mkdir(aside, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := fillAside(aside, kind, plain(synced("a mount"))); err != nil {
		t.Fatal(err)
	}
	if err := publish(aside, dir, kind, true); err != nil {
		t.Fatal(err)
	}
	check("a mount")
}

// TestManifestLasts: what a directory's manifest says is on the disk.
func TestManifestLasts(t *testing.T) {
	disk := atomicfiletest.Watch(t)
	dir := t.TempDir()
	if err := Write(dir, kind, map[string]File{}); err != nil {
		t.Fatal(err)
	}
	if lost := disk.Lost(filepath.Join(dir, "vsim.json")); len(lost) > 0 {
		t.Errorf("a power cut takes %q", lost)
	}
}
