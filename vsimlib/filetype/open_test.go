// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOpen reads regular files, also through links, and refuses all else at once, with what it is.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("file"), []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := errors.Join(syscall.Mkfifo(at("pipe"), 0o666), os.Symlink("file", at("link")), os.Symlink("pipe", at("to a pipe")),
		os.Symlink("nowhere", at("broken"))); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{at("file"), at("link")} {
		if data, err := ReadFile(path); err != nil || string(data) != "text" {
			t.Errorf("%s: %q, %v", path, data, err)
		}
	}
	for path, want := range map[string]string{
		at("pipe"): "is a pipe, not a regular file", at("to a pipe"): "is a pipe", at("socket"): "is a socket",
		dir:         "is a directory",
		"/dev/zero": "is a device, not a regular file", "/dev/null": "is a device",
	} {
		_, err := Open(path)
		if !IsIrregular(err) || !strings.Contains(err.Error(), path+": "+want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	for _, path := range []string{at("broken"), at("absent"), ""} {
		if _, err := ReadFile(path); !errors.Is(err, fs.ErrNotExist) || IsIrregular(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSame: links lead to the same file or directory; what is missing is the same as nothing.
func TestSame(t *testing.T) {
	dir := t.TempDir()
	link, other := filepath.Join(dir, "link"), t.TempDir()
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing")
	if !Same(other, link) || !Same(dir, dir+"/.") || Same(dir, other) || Same(missing, missing) || Same(dir, missing) {
		t.Error("wrong")
	}
}
