// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
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

// TestWriteUnlocked: a temporary file that others take each time is an error that says so, and nothing is left. One that is taken
// twice is no error.
func TestWriteUnlocked(t *testing.T) {
	taken := 0
	lockTemp = func(path string) (func(), bool) {
		if taken--; taken >= 0 {
			return func() {}, false
		}
		return lock(path)
	}
	defer func() { lockTemp = lock }()
	for _, c := range []struct {
		taken int
		err   error
	}{{2, nil}, {3, errUnlocked}} {
		dir := t.TempDir()
		path := filepath.Join(dir, "new")
		taken = c.taken
		err := WriteData(path, []byte("text"))
		if !errors.Is(err, c.err) || err != nil && !strings.HasPrefix(err.Error(), path+": cannot write: its temporary file cannot") {
			t.Errorf("taken %d times: %v", c.taken, err)
		}
		if entries, errDir := os.ReadDir(dir); errDir != nil || (len(entries) == 1) != (err == nil) || len(entries) > 1 {
			t.Errorf("taken %d times: left %v, %v", c.taken, entries, errDir)
		}
	}
	if taken = 3; !errors.Is(Probe(t.TempDir()), errUnlocked) {
		t.Error("the probe of a folder where no file can be locked")
	}
}
