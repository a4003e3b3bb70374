// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRemembered(t *testing.T) {
	dir := t.TempDir()
	connection := filepath.Join(dir, "kernel-1.json")
	for _, name := range []string{"kernel-1.json", ".vsim-env-kernel-gone.json", "kernel-2.json", ".vsim-env-kernel-2.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := remember(connection)
	if len(r.environment()) != 0 {
		t.Errorf("at first: %q", r.environment())
	}
	for _, said := range []string{
		"Set: VSIM_SCALE=\"tiny\"\n", "Set: VSIM_SCALE=\"demo\"\n", "Set: VSIM_RUNS=\"/a \\\"b\\\"\"\n",
		"Set: PATH=\"/evil\"\n", "Set: VSIM_ROOT=demo\n", "a cell says Set: VSIM_ROOT=\"x\"\n", "Set: VSIM_ROOT=\"x\"\nand more\n",
	} {
		if err := r.note(said); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{`VSIM_RUNS=/a "b"`, "VSIM_SCALE=demo"}
	if got := remember(connection).environment(); !slices.Equal(got, want) {
		t.Errorf("after a restart: %q, want %q", got, want)
	}
	found, _ := filepath.Glob(filepath.Join(dir, ".vsim-*"))
	if want := []string{r.path, filepath.Join(dir, ".vsim-env-kernel-2.json")}; !slices.Equal(found, want) {
		t.Errorf("files %q, want %q", found, want)
	}
	if info, err := os.Stat(r.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	r.forget()
	if got := remember(connection).environment(); len(got) != 0 {
		t.Errorf("after the end: %q", got)
	}
	for _, bad := range []string{"{", `{"VSIM_SCALE": 1}`, `{"PATH": "/evil"}`} {
		if err := os.WriteFile(r.path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := remember(connection).environment(); len(got) != 0 {
			t.Errorf("of %s: %q", bad, got)
		}
	}
	if err := os.Remove(r.path); err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(dir, "elsewhere")
	if err := os.WriteFile(elsewhere, []byte(`{"VSIM_SCALE": "demo"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, r.path); err != nil {
		t.Fatal(err)
	}
	if got := remember(connection).environment(); len(got) != 0 {
		t.Errorf("of a link: %q", got)
	}
}
