// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/filetest"
)

func TestMain(m *testing.M) {
	switch filetest.Role() {
	case "limit":
		childLimit()
	case "die":
		childDie()
	default:
		os.Exit(m.Run())
	}
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	for _, s := range []string{"first", "", strings.Repeat("long ", 1<<19)} {
		if err := Write(path, text(s)); err != nil {
			t.Fatal(err)
		}
		if got := filetest.Content(t, path); got != s {
			t.Fatalf("%d bytes, want %d", len(got), len(s))
		}
	}
	if got := filetest.Names(t, dir); len(got) != 1 {
		t.Errorf("folder holds %v", got)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o044 == 0 {
		mask := unix.Umask(0)
		unix.Umask(mask)
		if mask&0o044 != 0o044 {
			t.Errorf("mode %v: others cannot read it under umask %o", info.Mode(), mask)
		}
	}
}

// TestWriteLongName: a file with the longest name that file systems take can be written, though its temporary one has more to tell.
func TestWriteLongName(t *testing.T) {
	for _, letter := range []string{"a", "é", "影"} {
		path := filepath.Join(t.TempDir(), strings.Repeat(letter, 255/len(letter)))
		if err := Write(path, text("text")); err != nil {
			t.Error(err)
		}
	}
}

// A writer that fails, whenever it does, leaves the old file, no temporary one, and one line with the reason.
func TestWriteFailingWriter(t *testing.T) {
	for _, written := range []int{0, 1, 1 << 20, 3<<20 + 17} {
		t.Run(fmt.Sprint(written), func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "weights")
			if err := Write(path, text("old")); err != nil {
				t.Fatal(err)
			}
			err := Write(path, func(w io.Writer) error {
				if _, err := w.Write(make([]byte, written)); err != nil {
					return err
				}
				return syscall.ENOSPC
			})
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("error %v, want ENOSPC", err)
			}
			if want := path + ": not written: no space left on device"; err.Error() != want {
				t.Errorf("error %q, want %q", err, want)
			}
			if got := filetest.Content(t, path); got != "old" {
				t.Errorf("old file now holds %d bytes", len(got))
			}
			if got := filetest.Names(t, dir); len(got) != 1 {
				t.Errorf("folder holds %v", got)
			}
		})
	}
}

// The kernel itself refuses the write, as on a full disk: a child runs into its limit on the size of a file.
func TestWriteKernelRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "weights")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	out, err := filetest.Child(t, "limit", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if want := path + ": not written: file too large"; strings.TrimSpace(string(out)) != want {
		t.Errorf("error %q, want %q", out, want)
	}
	if filetest.Content(t, path) != "old" || len(filetest.Names(t, dir)) != 1 {
		t.Errorf("folder holds %v", filetest.Names(t, dir))
	}
}

func childLimit() {
	signal.Ignore(syscall.SIGXFSZ)
	limit := unix.Rlimit{Cur: 2 << 20, Max: 2 << 20}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	err := Write(os.Args[1], func(w io.Writer) error {
		for range 64 {
			if _, err := w.Write(make([]byte, 1<<17)); err != nil {
				return err
			}
		}
		return nil
	})
	fmt.Println(err)
	os.Exit(0)
}

// TestSweep: a process killed inside a write leaves the old file whole and its part, which a sweep removes.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "model"), 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "model", "weights")
	if err := Write(path, text("old")); err != nil {
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
	Sweep(dir)
	if got := filetest.Names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("after Sweep the folder holds %v", got)
	}
}

func childDie() {
	_ = Write(os.Args[1], func(w io.Writer) error {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 3<<20))
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	})
	select {}
}

func TestWriteBadPaths(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "no", "such", "file"), dir, dir + "/"} {
		err := Write(path, text("x"))
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), Prefix) {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if got := filetest.Names(t, dir); len(got) != 0 {
		t.Errorf("folder holds %v", got)
	}
}

func TestWritePanicRemovesPart(t *testing.T) {
	dir := t.TempDir()
	func() {
		defer func() { _ = recover() }()
		_ = Write(filepath.Join(dir, "x"), func(io.Writer) error { panic("in a writer") })
	}()
	if got := filetest.Names(t, dir); len(got) != 0 {
		t.Errorf("folder holds %v", got)
	}
}
