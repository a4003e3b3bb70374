// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/cli"
	"vsim/vsimlib/compilecache/ondisk"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/text"
)

const doctorLong = `Check what vsim needs, and name what is missing with the command that installs it: Go and a C compiler (they
build vsim, the tests and the notebooks' cells), the backend with its plugin and devices, Python, Jupyter and its kernel, the
shipped corpus. On CUDA it compiles and runs a small program in float32, TF32 and bfloat16 on each device, and reports whether
float32 products of matrices are rounded to TF32 (tf32: on, the default, or off, which GOMLX_BACKEND=xla:cuda,tf32=false asks for).
Nothing is installed or changed. Exit code 0 if nothing is missing; 1 otherwise, also where a GPU's plugin does not open it.`

// finding is one thing that was looked for.
type finding struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Found string `json:"found"`         // what was found, or why it does not suffice
	Fix   string `json:"fix,omitempty"` // the command that installs it
}

// diagnosis is what doctor prints.
type diagnosis struct {
	OK      bool      `json:"ok"`
	Backend string    `json:"backend"` // xla or go; "" if none opens
	Kind    string    `json:"kind"`    // cuda, cpu or go
	Plugin  string    `json:"plugin"`
	Devices int       `json:"devices"`
	TF32    string    `json:"tf32,omitempty"` // on or off; cuda only
	Checks  []finding `json:"checks"`
}

func newDoctor(a *cli.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check what vsim needs", Long: doctorLong,
		Example: "  vsim doctor", Args: cli.NoArgs,
	}
	cmd.RunE = a.Work(func(ctx context.Context, _ *cobra.Command, _ []string) error {
		d := diagnose(ctx)
		if err := a.Result(d, d.print); err != nil {
			return err
		}
		if d.OK {
			return nil
		}
		var missing []string
		for _, f := range d.Checks {
			if !f.OK {
				missing = append(missing, f.Name)
			}
		}
		return fmt.Errorf("doctor: failed: %s; each line above says what to do", strings.Join(missing, ", "))
	})
	return cmd
}

// diagnose looks for everything.
func diagnose(ctx context.Context) diagnosis {
	d := diagnosis{OK: true}
	d.add("go", goVersion(ctx), "install Go; go.mod says which version")
	d.add("c compiler", compiler(), "install a C compiler (Debian: apt install gcc libc6-dev)")
	d.backend()
	d.add("python", python(ctx), "install Python 3.9 or newer with venv (Debian: apt install python3-venv python3-pip)")
	root, err := jupyter.Root(".")
	if err != nil {
		d.add("checkout", failing(err.Error()), "run vsim inside a clone")
		return d
	}
	state := jupyter.Status(root)
	d.add("jupyter", presence(state.Jupyter, "JupyterLab "+state.Jupyter, "not installed in "+state.Dir), "vsim setup")
	kernel := presence(state.Kernel, state.Kernel, "not installed in "+state.Dir)
	if !state.Ready && len(state.Missing) > 0 {
		kernel = failing("missing: " + strings.Join(state.Missing, ", "))
	}
	d.add("kernel", kernel, "vsim setup")
	d.add("corpus", emoji(filepath.Join(root, "data", "emoji")), "git checkout -- data/emoji")
	return d
}

// look is how one check went.
type look struct {
	ok    bool
	found string
}

func failing(why string) look { return look{found: why} }

// presence is good where version is not "".
func presence(version, found, otherwise string) look {
	if version == "" {
		return failing(otherwise)
	}
	return look{true, found}
}

func (d *diagnosis) add(name string, l look, fix string) {
	f := finding{Name: name, OK: l.ok, Found: text.OneLine(l.found)}
	if !l.ok {
		f.Fix, d.OK = fix, false
	}
	d.Checks = append(d.Checks, f)
}

// backend opens the backend as every other subcommand does.
func (d *diagnosis) backend() {
	b, info, err := backends.Open()
	if err != nil {
		d.add("backend", failing(err.Error()), "vsim setup, or unset GOMLX_BACKEND and PJRT_PLUGIN_LIBRARY_PATH")
		return
	}
	defer b.Finalize()
	d.Backend, d.Kind, d.Plugin, d.Devices = info.Backend, info.Kind, info.Plugin, info.Devices
	d.TF32 = info.TF32
	d.opened(info)
	if info.Kind == backends.CUDA {
		d.trials(backends.Try(b))
	}
	if dir, programs, size := ondisk.Usage(); dir != "" {
		d.add("programs", look{true, fmt.Sprintf("%s, %s in %s", text.Count(programs, "compiled program"), text.Bytes(size), dir)}, "")
	}
}

// opened says which backend opened, and whether it is the one that the machine should have.
func (d *diagnosis) opened(info backends.Info) {
	switch {
	case info.Warning == "":
		d.add("backend", look{true, info.String()}, "")
	case info.Kind == backends.CPU && info.Failed: // the plugin of a card
		d.add("backend", failing(info.Warning), "make the card visible, or set GOMLX_BACKEND=xla:cpu to compute on the CPU")
	case info.Kind == backends.CPU: // it computes, but not where it could
		d.add("backend", look{true, info.String() + "; " + info.Warning}, "")
	default:
		d.add("backend", failing(info.Warning), "vsim setup")
	}
}

// trials reports how the devices did.
func (d *diagnosis) trials(devices []backends.Tried) {
	for i, t := range devices {
		d.add(fmt.Sprintf("device %d", i), look{len(t.Failed) == 0, t.String()},
			`install what XLA compiles by: python3 -m pip install "jax[cuda13]" (nvidia-cuda-nvcc, nvidia-nvvm, cuBLAS, cuDNN)`)
	}
}

func (d diagnosis) print(w io.Writer) {
	for _, f := range d.Checks {
		mark := "ok     "
		if !f.OK {
			mark = "MISSING"
		}
		fmt.Fprintf(w, "%s  %-10s  %s\n", mark, f.Name, f.Found)
		if f.Fix != "" {
			fmt.Fprintf(w, "%s  %-10s  -> %s\n", strings.Repeat(" ", len(mark)), "", f.Fix)
		}
	}
}

// output runs a quick program and returns the first line it prints.
func output(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local")
	out, err := cmd.Output()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line, err
}

func goVersion(ctx context.Context) look {
	path, err := exec.LookPath("go")
	if err != nil {
		return failing("go is not on PATH")
	}
	version, err := output(ctx, path, "version")
	if err != nil {
		return failing(fmt.Sprintf("%s does not run: %v", path, err))
	}
	return look{true, fmt.Sprintf("%s (vsim was built with %s)", version, runtime.Version())}
}

func compiler() look {
	names := []string{"gcc", "clang", "cc"}
	if cc := strings.Fields(os.Getenv("CC")); len(cc) > 0 {
		names = cc[:1]
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return look{true, path}
		}
	}
	return failing(strings.Join(names, ", ") + ": not on PATH")
}

func python(ctx context.Context) look {
	path, err := exec.LookPath("python3")
	if err != nil {
		return failing("python3 is not on PATH")
	}
	version, err := output(ctx, path, "-c",
		"import sys, venv; assert sys.version_info >= (3, 9), sys.version; print(sys.version.split()[0])")
	if err != nil {
		return failing(path + " is older than 3.9 or has no venv")
	}
	return look{true, path + " " + version}
}

// emoji looks whether the shipped corpus is there; vsim data check reads it.
func emoji(dir string) look {
	c, err := corpus.Open(dir)
	if err != nil {
		return failing(err.Error())
	}
	return look{true, dir + ": " + strings.Join(c.Parts(), ", ")}
}
