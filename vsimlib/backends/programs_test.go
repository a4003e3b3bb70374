// SPDX-License-Identifier: Apache-2.0

package backends_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/compilecache/ondisk"
)

// TestPrograms: a second process loads the program that the first one compiled, and computes the same bits; a damaged or invalid
// file is compiled anew; "off" keeps nothing. The processes are this test's own binary.
func TestPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA, in six processes")
	}
	backendstest.XLA(t)
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, compiled, first := childCompiles(t, dir)
	files, err := filepath.Glob(filepath.Join(dir, "*.program"))
	if err != nil || len(files) == 0 || compiled == 0 {
		t.Fatalf("%d programs compiled, files %v (%v)", compiled, files, err)
	}
	loaded, compiled, second := childCompiles(t, dir)
	if loaded != len(files) || second != first {
		t.Errorf("second process: %d programs loaded, %d compiled, result %s; want %d loaded, result %s", loaded, compiled, second,
			len(files), first)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"cut":         func(b []byte) []byte { return b[:len(b)/2] },
		"bit flipped": func(b []byte) []byte { b[len(b)/2] ^= 4; return b },
	} {
		content, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files[0], damage(bytes.Clone(content)), 0o600); err != nil {
			t.Fatal(err)
		}
		if loaded, _, result := childCompiles(t, dir); loaded != len(files)-1 || result != first {
			t.Errorf("%s: %d programs loaded, result %s, want %d, %s", name, loaded, result, len(files)-1, first)
		}
	}
	if loaded, compiled, result := childCompiles(t, "off"); loaded+compiled != 0 || result != first {
		t.Errorf("off: %d loaded, %d compiled, result %s; want no cache and %s", loaded, compiled, result, first)
	}
}

// childCompiles runs TestProgramsChild in a process of its own.
func childCompiles(t *testing.T, dir string) (loaded, compiled int, result string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestProgramsChild$", "-test.v")
	cmd.Env = append(os.Environ(), ondisk.Env+"="+dir, "VSIM_TEST_PROGRAMS=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, line, found := strings.Cut(string(out), "programs: ")
	if _, err := fmt.Sscan(line, &loaded, &compiled, &result); err != nil || !found {
		t.Fatalf("%v in\n%s", err, out)
	}
	return loaded, compiled, result
}

// TestProgramsChild compiles a program that takes long enough to be worth a file. It is a process of TestPrograms.
func TestProgramsChild(t *testing.T) {
	if os.Getenv("VSIM_TEST_PROGRAMS") == "" {
		t.Skip("TestPrograms runs it")
	}
	backend, info, err := backends.Open()
	if err != nil || info.Warning != "" {
		t.Fatal(err, info.Warning)
	}
	exec, err := NewExec(backend, func(g *Graph) *Node {
		x := Iota(g, shapes.Make(dtypes.Float32, 40, 40), 0)
		for i := range 20 {
			x = Sin(Add(MatMul(x, Transpose(Cos(MulScalar(x, i+1)), 0, 1)), ReduceAndKeep(x, ReduceSum, 0)))
		}
		return ReduceAllSum(x)
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Call()
	if err != nil {
		t.Fatal(err)
	}
	loaded, compiled := ondisk.Counts()
	fmt.Printf("programs: %d %d %x\n", loaded, compiled, out[0].Value().(float32))
}
