// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"vsim/vsimlib/filetype"
)

// vsimProgram is the program that the kernel's description names: vsim, whose verb kernel connects the front ends with GoNB.
const vsimProgram = "vsim"

// goplsEnv is the variable that, set to off, leaves gopls out of a kernel: a headless run is quicker without it.
const goplsEnv = "VSIM_GOPLS"

// installKernel builds vsim and writes the kernel's description. It holds all that the kernel has to know, so that any client can
// start it: the checkout, and where Go is, for clients that a desktop has started without the shell's PATH.
func (p checkout) installKernel(ctx context.Context, _ io.Writer) error {
	if strings.Contains(p.root, ",") {
		return fmt.Errorf("the checkout's path %s has a comma in it, which GoNB takes for a list; move the checkout", p.root)
	}
	goProgram, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("go is not on PATH; install Go (go.mod says which version)")
	}
	env := append(p.env(os.Environ(), false), "GOWORK=off")
	if err := run(ctx, p.root, env, "go", "build", "-buildvcs=false", "-o", p.program(vsimProgram), "./vsimlib/cmd/vsim"); err != nil {
		return err
	}
	// GoNB writes its description, in place of which ours comes, and its logo. --force_deps: gopls is not there in headless runs.
	aside := p.dir("share", "aside")
	defer func() { _ = os.RemoveAll(aside) }()
	env = append(env, "JUPYTER_DATA_DIR="+aside)
	if err := run(ctx, p.root, env, p.program("gonb"), "--install", "--force_deps"); err != nil {
		return err
	}
	file := filepath.Join(aside, "kernels", Kernel, filepath.Base(p.kernel()))
	if err := os.WriteFile(file, p.description(filepath.Dir(goProgram)), 0o644); err != nil {
		return err
	}
	kernels := p.dir("share", "kernels")
	if err := os.RemoveAll(kernels); err != nil {
		return err
	}
	return os.Rename(filepath.Join(aside, "kernels"), kernels)
}

// description is the kernel's description for Jupyter, kernel.json.
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
func (p checkout) description(goDir string) []byte {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	_ = enc.Encode(map[string]any{ // plain values cannot fail
		"argv":         []string{p.program(vsimProgram), "kernel", "--root", p.root, "--go", goDir, "{connection_file}"},
		"display_name": "Go (gonb)", "language": "go", "interrupt_mode": "message", "env": map[string]string{},
	})
	return text.Bytes()
}

// program is the path of an installed program.
func (p checkout) program(name string) string { return filepath.Join(p.bin(), name) }

// kernelSources are the folders whose Go code decides how the kernel behaves; where it changes, the kernel is built anew.
var kernelSources = []string{"vsimlib/kernel", "vsimlib/proc", "vsimlib/jupyter", "vsimlib/cli/checkout/kernel.go"}

// sources is the text of the Go files of kernelSources, without tests; "" where there are none.
func (p checkout) sources() string {
	var all strings.Builder
	for _, name := range kernelSources {
		_ = filepath.WalkDir(filepath.Join(p.root, filepath.FromSlash(name)), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			data, err := filetype.ReadFile(path)
			if err == nil {
				_, _ = all.Write(data)
			}
			return nil
		})
	}
	return all.String()
}

// GoNB is the program and the arguments of the GoNB kernel in a checkout, but for --kernel FILE. Errors of compilers come as text.
func GoNB(root string) []string {
	return []string{checkout{root}.program("gonb"), "--raw_error", "--go_work=" + root}
}

// KernelEnv is the environment of a kernel and its cells: base with our tools first on PATH and goDir last, no modules from
// elsewhere (GOPROXY=off), and VSIM_ROOT, unless base has one. It does not change where Jupyter keeps its files.
func KernelEnv(root, goDir string, base []string) []string {
	p := checkout{root}
	set := map[string]string{"GOPROXY": "off", "GOMLX_NO_AUTO_INSTALL": "1", "VSIM_ROOT": root}
	path, goflags := systemPath, ""
	gopls := true
	var env []string
	for _, entry := range base {
		name, value, _ := strings.Cut(entry, "=")
		switch name {
		case "PATH":
			path = value
		case "GOFLAGS":
			goflags = allowed(value)
		case "VSIM_ROOT":
			set[name] = value
		case goplsEnv:
			gopls = value != "off"
			env = append(env, entry)
		case "GOWORK", "GOBIN", "GOPROXY", "GOMLX_NO_AUTO_INSTALL":
		default:
			env = append(env, entry)
		}
	}
	for name, value := range set {
		env = append(env, name+"="+value)
	}
	return append(env, "GOFLAGS="+quickLink+goflags, "PATH="+p.kernelPath(path, goDir, gopls))
}

// systemPath is where programs are where no PATH says so.
const systemPath = "/usr/local/bin:/usr/bin:/bin"

// kernelPath is a kernel's PATH, each folder once.
func (p checkout) kernelPath(path, goDir string, gopls bool) string {
	list := []string{p.bin()}
	if gopls {
		list = append(list, p.lab())
	}
	list = append(append(list, filepath.SplitList(path)...), goDir)
	seen := map[string]bool{"": true}
	if !gopls {
		seen[p.lab()] = true
	}
	var unique []string
	for _, dir := range list {
		if !seen[dir] {
			unique = append(unique, dir)
		}
		seen[dir] = true
	}
	return strings.Join(unique, string(filepath.ListSeparator))
}
