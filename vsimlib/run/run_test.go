// SPDX-License-Identifier: Apache-2.0

package run

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetest"
)

func TestMain(m *testing.M) {
	switch filetest.Role() {
	case "lock":
		childLock()
	case "die":
		childDie()
	default:
		os.Exit(m.Run())
	}
}

// A process killed inside a write leaves the old file whole; the next Lock removes the part it left.
func TestLockSweeps(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "model"), 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "model", WeightsFile)
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := filetest.Child(t, "die", path).Run(); err == nil {
		t.Fatal("the child was to be killed")
	}
	if filetest.Content(t, path) != "old" {
		t.Error("the old file is gone")
	}
	if got := filetest.Names(t, filepath.Dir(path)); len(got) != 2 {
		t.Fatalf("the killed child left %v; want one part and the file", got)
	}
	unlock, err := Dir(dir).Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if got := filetest.Names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("after Lock the folder holds %v", got)
	}
}

func childDie() {
	_ = atomicfile.Write(os.Args[1], func(w io.Writer) error {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 3<<20))
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	})
	select {}
}

func TestRefuse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "e")
	if err := Refuse(path, false); err != nil {
		t.Error(err)
	}
	if err := os.Symlink("nowhere", path); err != nil {
		t.Fatal(err)
	}
	if err := Refuse(path, false); err == nil || err.Error() != path+": exists; --force overwrites it" {
		t.Errorf("error %v", err)
	}
	if err := Refuse(path, true); err != nil {
		t.Error(err)
	}
	if err := Refuse(filepath.Join(path, "below"), false); err != nil {
		t.Error(err)
	}
}
