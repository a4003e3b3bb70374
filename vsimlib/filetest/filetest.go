// SPDX-License-Identifier: Apache-2.0

// Package filetest has what tests of files share: they write and read small ones, list folders, keep whole ones in memory, and
// run their own binary as another process, which may be killed while it writes.
package filetest

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// Write writes a file, with the folders that it needs, and returns its path.
func Write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// Content is the text of a file.
func Content(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Cases reads the "cases" of a JSON file, of which there are at least some number.
func Cases[T any](t testing.TB, path string, least int) []T {
	t.Helper()
	var file struct{ Cases []T }
	if err := json.Unmarshal([]byte(Content(t, path)), &file); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(file.Cases) < least {
		t.Fatalf("%s: %d cases, want at least %d", path, len(file.Cases), least)
	}
	return file.Cases
}

// Names are those of the files and folders in a folder, sorted; nil if there are none.
func Names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Folder is the files in and below a folder, in memory: os.CopyFS writes them to another one.
func Folder(t testing.TB, dir string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// roleVar is the environment variable that has the role of a child process.
const roleVar = "VSIM_TEST_ROLE"

// Child is the test's own binary as another process, with a role and arguments. Its TestMain calls Role first.
func Child(t testing.TB, role string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), roleVar+"="+role)
	return cmd
}

// Role is the role of this process, "" unless Child made it.
func Role() string { return os.Getenv(roleVar) }
