// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux && amd64

package backends

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/plugin"
)

// TestPinnedIsLoadedFromTheCheckedFile: a file that takes the path of the plugin after the check is not loaded.
func TestPinnedIsLoadedFromTheCheckedFile(t *testing.T) {
	path := plugin.Path() // is checked below
	if !testing.Short() {
		var err error
		if path, err = plugin.Install(t.Context(), os.Stderr); err != nil {
			t.Fatal(err)
		}
	} else if path == "" {
		t.Skip("the plugin is not installed, and -short downloads nothing")
	}
	for range 2 { // the second call loads nothing
		config, checked, err := loadPinned(path)
		if err != nil || !checked || kindOf(config) != CPU {
			t.Fatalf("%q, checked %t, %v", config, checked, err)
		}
	}
	// What was compared is the BLAKE3; the SHA-256 that names the plugin is of the same bytes.
	if data, err := os.ReadFile(path); err != nil || fmt.Sprintf("%x", sha256.Sum256(data)) != plugin.Checksum() {
		t.Errorf("the plugin's sha256 is not %s, %v", plugin.Checksum(), err)
	}
	// The path leads to another file by the time of loading.
	link := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	file, err := plugin.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(link, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	if table, err := loadOpen(file); err != nil || table == nil {
		t.Errorf("the checked file is not what is loaded: %v", err)
	}
	planted, err := os.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := loadOpen(planted); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("a file that is no library: %v", err)
	}
}

// TestLoadPinnedRefuses names what is wrong with a file before anything of it is loaded, and says that the check failed.
func TestLoadPinnedRefuses(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := filepath.Join(os.Getenv("XDG_CACHE_HOME"), "vsim")
	file := filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		change     func() error
	}{
		{"missing", "no such file", func() error { return nil }},
		{"torn", "4 bytes, want 201600336", func() error { return os.WriteFile(file, []byte("torn"), 0o644) }},
		{"other bytes", "BLAKE3 ", func() error { return os.Truncate(file, 201600336) }}, // sparse
		{"all may write", "mode 0646", func() error { return os.Chmod(file, 0o646) }},
		{"the folder, too", dir + ": can be written", func() error { _ = os.Chmod(file, 0o644); return os.Chmod(dir, 0o777) }},
	} {
		if err := c.change(); err != nil {
			t.Fatal(err)
		}
		_, checked, err := loadPinned(file)
		if err == nil || checked || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: checked %t, %v; want %q", c.name, checked, err, c.want)
		}
	}
}
