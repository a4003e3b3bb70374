// SPDX-License-Identifier: Apache-2.0

package ondisk

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/pjrttable"
)

func TestStore(t *testing.T) {
	s := &store{dir: t.TempDir(), limit: 1 << 20}
	if err := os.Chmod(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	k, other := programKey([]byte("module @a_1 {}")), programKey([]byte("module @a_1 { }"))
	if _, ok := s.read(k); ok {
		t.Fatal("an empty folder has a program")
	}
	program := []byte("the compiled program")
	s.write(k, program)
	if got, ok := s.read(k); !ok || !bytes.Equal(got, program) {
		t.Fatalf("read %q, want %q", got, program)
	}
	whole, err := os.ReadFile(s.path(k))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(s.path(k)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want only the owner's (%v)", info.Mode(), err)
	}
	if err := os.Chmod(s.path(k), 0o666); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.read(k); ok {
		t.Errorf("read %q from a file that all may write", got)
	}
	if err := os.Chmod(s.path(k), 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := map[string][]byte{"empty": {}, "cut": whole[:len(whole)-1], "no sum": whole[:len(magic)+10], "other": []byte("{}")}
	for i := range whole {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1
		damaged["bit of byte "+string(rune('0'+i%10))] = flipped
	}
	for name, content := range damaged {
		if err := os.WriteFile(s.path(k), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.read(k); ok {
			t.Errorf("%s: read %q", name, got)
		}
		if _, err := os.Stat(s.path(k)); err == nil {
			t.Errorf("%s: the damaged file is still there", name)
		}
	}
	if err := os.WriteFile(s.path(other), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.read(other); ok {
		t.Error("a program under another one's name was read")
	}
}

// TestTrim: the programs that were used last stay, and temporary files of killed processes go.
func TestTrim(t *testing.T) {
	s := &store{dir: t.TempDir(), limit: 2500}
	if err := os.Chmod(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * time.Hour)
	leftover := filepath.Join(s.dir, "1.tmp")
	if err := os.WriteFile(leftover, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(leftover, old, old); err != nil {
		t.Fatal(err)
	}
	var keys []key
	for i, name := range []string{"first", "second", "third", "fourth"} {
		k := programKey([]byte(name))
		keys = append(keys, k)
		s.write(k, make([]byte, 1000))
		when := old.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(s.path(k), when, when); err != nil {
			t.Fatal(err)
		}
		s.read(keys[0]) // the first is in use
	}
	for i, want := range []bool{true, false, false, true} {
		if _, ok := s.read(keys[i]); ok != want {
			t.Errorf("program %d is there: %t, want %t", i+1, ok, want)
		}
	}
	if _, err := os.Stat(leftover); err == nil {
		t.Error("the temporary file of a killed process is still there")
	}
}

// TestUntrusted: a folder that other users can write to is refused, whatever names it.
func TestUntrusted(t *testing.T) {
	for _, env := range []string{"XDG_CACHE_HOME", Env} {
		dir := t.TempDir()
		t.Setenv("XDG_CACHE_HOME", dir)
		t.Setenv(env, dir)
		path, err := folder()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := Use(Plugin{Plugin: pjrttable.Plugin{Path: "/none"}}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that names %s", env, err, path)
		}
	}
}

// TestProgramKey: only the module's name does not count.
func TestProgramKey(t *testing.T) {
	k := programKey([]byte("module @step_12 {\n  x\n}"), []byte("a"), []byte("b"))
	if programKey([]byte("module @step_7 {\n  x\n}"), []byte("a"), []byte("b")) != k {
		t.Error("the number in a name makes another program")
	}
	for name, other := range map[string]key{
		"text":    programKey([]byte("module @step_12 {\n  y\n}"), []byte("a"), []byte("b")),
		"options": programKey([]byte("module @step_12 {\n  x\n}"), []byte("c"), []byte("b")),
		"borders": programKey([]byte("module @step_12 {\n  x\n}"), []byte("ab"), []byte("")),
	} {
		if other == k {
			t.Errorf("another %s is the same program", name)
		}
	}
}

// TestMachine: flags of XLA and the processor count.
func TestMachine(t *testing.T) {
	before := machine()
	if os.Getenv("GOOS") == "" && processor() == "" {
		t.Log("no /proc/cpuinfo here: the processor's instruction sets are not part of the key")
	}
	t.Setenv("XLA_FLAGS", "--xla_cpu_use_thunk_runtime=true")
	if machine() == before {
		t.Error("XLA_FLAGS do not count")
	}
}
