// SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

func TestPinIsWhole(t *testing.T) {
	if len(pinned.SHA256) != 64 {
		t.Errorf("the wheel's checksum has %d digits", len(pinned.SHA256))
	}
	for _, f := range pinned.Files {
		if len(f.SHA256) != 64 || f.Size <= 0 {
			t.Errorf("%s: a checksum of %d digits, %d bytes", f.Path, len(f.SHA256), f.Size)
		}
	}
	if len(library.BLAKE3) != 64 {
		t.Errorf("the plugin's BLAKE3 has %d digits", len(library.BLAKE3))
	}
	if pinned.Files[0] != library {
		t.Errorf("the wheel's first file is %s, want the plugin", pinned.Files[0].Path)
	}
	if !strings.Contains(folder, pinned.Version) {
		t.Errorf("folder %s does not carry the version %s, so a new pin would not be seen", folder, pinned.Version)
	}
}

// TestPath: a file is found and, when it is torn, does not count as installed.
func TestPath(t *testing.T) {
	if !supported {
		t.Skip("the pinned plugin is for another platform")
	}
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	if file, ok := Installed(); ok || Path() != "" {
		t.Errorf("found %q, %q in an empty cache", file, Path())
	}
	file := filepath.Join(cache, "vsim", folder, path.Base(library.Path))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := Path(); got != file {
		t.Errorf("path %q, want %q", got, file)
	}
	if _, ok := Installed(); ok {
		t.Error("a torn plugin counts as installed")
	}
	if f, err := Open(file); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a torn plugin: %v, %v", f, err)
	}
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	if f, err := Open(file); err == nil || !strings.Contains(err.Error(), "can be written by other users (mode 0666)") {
		t.Errorf("a plugin that all may write: %v, %v", f, err)
	}
}
