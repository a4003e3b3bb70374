// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/docker/gpu-aot/pjrt"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/plugin"
)

// childVar makes the test binary multiply two matrices and print what backend it took for it; where it says "trial", it runs the
// programs of vsim doctor instead.
const childVar = "VSIM_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVar) == "" {
		os.Exit(m.Run())
	}
	if err := multiply(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func multiply() error {
	backend, info, err := backends.Open()
	if err != nil {
		return err
	}
	if os.Getenv(childVar) == "trial" {
		fmt.Println(backends.Try(backend)[0])
		return nil
	}
	exec, err := NewExec(backend, func(x *Node) *Node { return Dot(x, x).Product() })
	if err != nil {
		return err
	}
	out, err := exec.Call(tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4}, 2, 2))
	if err != nil {
		return err
	}
	flat, err := tensors.CopyFlatData[float32](out[0])
	fmt.Println(info.Kind, info.TF32, flat)
	return err
}

// TestShim: a process that uses the shim makes programs for CUDA, runs them on the CPU, and leaves them in the folder.
func TestShim(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the shim and opens a backend")
	}
	cpuPlugin, err := plugin.Install(context.Background(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	tools, err := pjrt.Build(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	start := func(env []string) (string, error) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(append(os.Environ(), childVar+"=multiply"), env...)
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	for _, c := range []struct {
		options, prints, precision string
	}{
		{"tf32=true", "cuda on [7 10 15 22]", "#stablehlo<precision DEFAULT>"},
		{"tf32=false", "cuda off [7 10 15 22]", "#stablehlo<precision HIGHEST>"},
	} {
		if out, err := start(tools.RecordEnv(dir, cpuPlugin, c.options, 0)); err != nil || out != c.prints {
			t.Fatalf("%s: %q (%v), want %q", c.options, out, err, c.prints)
		}
		programs, err := pjrt.Recorded(dir)
		if err != nil || len(programs) != 1 || programs[0].Products() != 1 || !bytes.Contains(programs[0].Code, []byte(c.precision)) {
			t.Fatalf("%s: %d programs recorded (%v): %s", c.options, len(programs), err, programs)
		}
		if devices, err := programs[0].Devices(); err != nil || devices != 1 || programs[0].AliasesAsked() != 0 {
			t.Errorf("%d devices (%v), %d aliases", devices, err, programs[0].AliasesAsked())
		}
	}

	// The programs of vsim doctor are those of a GPU too: in each type on each device, whatever the option says.
	dir = t.TempDir()
	out, err := start(append(tools.RecordEnv(dir, cpuPlugin, "tf32=false", 0), childVar+"=trial"))
	if err != nil || !strings.HasSuffix(out, ": float32, TF32, bfloat16") {
		t.Errorf("trial: %q (%v)", out, err)
	}
	programs, err := pjrt.Recorded(dir)
	if err != nil || len(programs) < 3 || len(programs)%3 != 0 {
		t.Fatalf("%d programs of the trial (%v)", len(programs), err)
	}
	for i, text := range []string{"precision HIGHEST", "precision DEFAULT", "bf16"} {
		if !bytes.Contains(programs[i].Code, []byte(text)) {
			t.Errorf("program %d has no %q: %s", i, text, programs[i].Code)
		}
	}

	// One product is enough: the process ends before it computes anything.
	var exit *exec.ExitError
	if out, err := start(tools.RecordEnv(dir, cpuPlugin, "", 1)); !errors.As(err, &exit) || exit.ExitCode() != pjrt.Stopped || out != "" {
		t.Errorf("%q (%v)", out, err)
	}
	// What cannot be recorded is an error of one line.
	none := filepath.Join(dir, "none")
	for want, env := range map[string][]string{
		"gpu-aot: " + filepath.Join(none, "000.options") + ": No such file or directory": tools.RecordEnv(none, cpuPlugin, "", 0),
		"gpu-aot: /none.so: cannot open shared object file: No such file or directory":   tools.RecordEnv(dir, "/none.so", "", 0),
		"gpu-aot: VSIM_AOT_DIR is not set":                                               tools.RecordEnv("", cpuPlugin, "", 0),
	} {
		if out, err := start(env); err == nil || out != want {
			t.Errorf("%q (%v), want %q", out, err, want)
		}
	}
}
