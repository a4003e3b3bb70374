// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestSweepDead removes what a killed writer left, and neither the file of one that is alive nor a user's.
func TestSweepDead(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"mine", Prefix + "e.safetensors-ABCDEFGH"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "new")
	err := Write(path, func(w io.Writer) error {
		SweepDead(dir)
		_, err := io.WriteString(w, "text")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 || entries[0].Name() != "mine" || entries[1].Name() != "new" {
		t.Errorf("%v, %v", entries, err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
}
