// SPDX-License-Identifier: Apache-2.0

package cachedir

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheck takes what only this user can change, and refuses what others can, at every depth up to vsim's folder and not above.
func TestCheck(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	dir, err := Path("index")
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(dir); err != nil {
		t.Errorf("a missing folder: %v", err)
	}
	if err := Make(dir); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "a")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		mode os.FileMode
		ok   bool
	}{
		{file, 0o644, true}, {file, 0o664, false}, {file, 0o646, false}, {file, 0o600, true},
		{dir, 0o755, true}, {dir, 0o777, false}, {dir, 0o777 | os.ModeSticky, false}, {dir, 0o700, true},
		{filepath.Join(home, "vsim"), 0o775, false}, {filepath.Join(home, "vsim"), 0o755, true},
		{home, 0o777, true}, // the user's choice; what another user puts there belongs to that user
	} {
		if err := os.Chmod(c.path, c.mode); err != nil {
			t.Fatal(err)
		}
		err := Check(file)
		var untrusted *UntrustedError
		if (err == nil) != c.ok || err != nil && (!errors.As(err, &untrusted) || untrusted.Path != c.path ||
			!strings.Contains(err.Error(), "chmod -R go-w") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s with mode %v: %v", c.path, c.mode, err)
		}
	}
	if err := CheckOne(home); err == nil {
		t.Errorf("%s with mode 0777 alone is trusted", home)
	}
	if err := os.Chmod(file, 0o664); err != nil {
		t.Fatal(err)
	}
	if err := Own(file); err != nil {
		t.Fatal(err)
	}
	if err := Check(file); err != nil {
		t.Errorf("owned: %v", err)
	}
	if info, err := os.Stat(filepath.Join(home, "vsim")); err != nil || info.Mode().Perm()&0o022 != 0 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestOwner refuses what belongs to a third user, and takes what belongs to root. Only root can make such files.
func TestOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	path, err := Path()
	if err != nil {
		t.Fatal(err)
	}
	if err := Make(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Skip(err) // a user namespace that lacks this user
	}
	if err := Check(path); err == nil || !strings.Contains(err.Error(), "belongs to user 12345, not to you (0)") {
		t.Errorf("%v", err)
	}
}

// TestCheckOpen looks at the open file, not at its name.
func TestCheckOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := CheckOpen(f); err != nil {
		t.Error(err)
	}
	if err := f.Chmod(0o622); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := CheckOpen(f); err == nil {
		t.Error("a file that all may write is trusted")
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := CheckOpen(d); err == nil {
		t.Error("a folder is trusted as a file")
	}
}

// TestNoCache: without a cache folder there is nothing to check.
func TestNoCache(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if path, err := Path("a"); err == nil || !strings.Contains(err.Error(), "set HOME or XDG_CACHE_HOME") {
		t.Errorf("%q, %v", path, err)
	}
	if err := Check("/a"); err != nil {
		t.Error(err)
	}
}
