// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSweep removes old folders that no kernel has, and no other.
func TestSweep(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	old := time.Now().Add(-2 * fresh)
	dead, other := filepath.Join(temp, folderPrefix+"1"), filepath.Join(temp, "vsim-other-1")
	young := filepath.Join(temp, folderPrefix+"2")
	for _, dir := range []string{dead, other, young} {
		if err := os.MkdirAll(filepath.Join(dir, "gonb_1"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if len(temp) > longestTemp {
		sweep(temp)
	}
	living, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(living.path) }()
	for _, dir := range []string{dead, other, living.path} {
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}
	sweep(temp)
	sweep(filepath.Dir(living.path))
	for dir, want := range map[string]bool{dead: false, other: true, young: true, living.path: true} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s is there: %t, want %t", dir, err == nil, want)
		}
	}
	living.unlock()
	sweep(filepath.Dir(living.path))
	if _, err := os.Stat(living.path); err == nil {
		t.Error("the folder of a kernel that has ended is still there")
	}
}

// TestLongTemp: sockets have short paths, whatever TMPDIR says.
func TestLongTemp(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("x", longestTemp))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	f, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(f.path); f.unlock() }()
	if len(f.path)+len("/gonb_12345678/gopls_socket") > 103 {
		t.Errorf("%s is too long", f.path)
	}
}

// TestWrapGopls: the wrapper leaves its number once, and hands on the arguments, from a folder with a quote in its name.
func TestWrapGopls(t *testing.T) {
	f := folder{path: t.TempDir()}
	if bin, err := f.wrapGopls("/nonexistent"); bin != "" || err != nil {
		t.Errorf("without gopls: %q, %v", bin, err)
	}
	dir := filepath.Join(t.TempDir(), "it's here")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "gopls"), []byte("#!/bin/sh\necho $$ \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	bin, err := f.wrapGopls("/nonexistent:" + dir)
	if err != nil {
		t.Fatal(err)
	}
	first, err := exec.Command(filepath.Join(bin, "gopls"), "-listen", "a b").Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.Command(filepath.Join(bin, "gopls")).Output(); err != nil {
		t.Fatal(err)
	}
	pid, err := os.ReadFile(f.file(goplsPid))
	if err != nil || string(first) != strings.TrimSpace(string(pid))+" -listen a b\n" {
		t.Errorf("gopls said %q, the file %q, %v", first, pid, err)
	}
}
