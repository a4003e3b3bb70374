// SPDX-License-Identifier: Apache-2.0

// Package jupyter sets up Jupyter with the GoNB kernel inside a checkout, executes notebooks headless, and opens
// JupyterLab.
//
// Everything lives under .jupyter in the checkout, which git ignores, and nothing outside it is changed:
//
//	.jupyter/venv     Python's virtual environment: JupyterLab and nbclient, pinned with checksums (requirements.txt)
//	.jupyter/bin      gonb and goimports, the `tool` lines of go.mod
//	.jupyter/lab      gopls, for completion in JupyterLab only: a headless run is quicker without it
//	.jupyter/share    Jupyter's data folder, with the kernel
//	.jupyter/config, .jupyter/runtime, .jupyter/ipython
//	.jupyter/lock     one set-up at a time
//	.jupyter/vsim.json  says that vsim made the folder (see package outdir)
//
// The kernel is installed with the checkout as its go.work, so that cells import the checkout's packages, at the versions
// of its go.mod, without loading anything (%noautoget in a notebook's first cell keeps GoNB from trying).
package jupyter

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"

	"vsim/vsimlib/filetype"
)

// Kernel is the name under which notebooks ask for the kernel.
const Kernel = "gonb"

// Root finds the checkout: the folder at or above dir whose go.mod says `module vsim`.
func Root(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("jupyter: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if moduleOf(filepath.Join(dir, "go.mod")) == "vsim" {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			const outside = "jupyter: %s is not in a checkout of vsim (no go.mod with `module vsim` there or above); run this inside one"
			return "", fmt.Errorf(outside, start)
		}
	}
}

// moduleOf is the module path a go.mod file declares, or "".
func moduleOf(path string) string {
	f, err := filetype.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	for scan := bufio.NewScanner(f); scan.Scan(); {
		if fields := strings.Fields(scan.Text()); len(fields) >= 2 && fields[0] == "module" {
			return strings.Trim(fields[1], `"`)
		}
	}
	return ""
}

// checkout names the files of a checkout's Jupyter.
type checkout struct{ root string }

func (p checkout) dir(parts ...string) string {
	return filepath.Join(append([]string{p.root, ".jupyter"}, parts...)...)
}
func (p checkout) venv() string      { return p.dir("venv") }
func (p checkout) python() string    { return p.dir("venv", "bin", "python") }
func (p checkout) bin() string       { return p.dir("bin") }
func (p checkout) lab() string       { return p.dir("lab") }
func (p checkout) share() string     { return p.dir("share") }
func (p checkout) kernel() string    { return p.dir("share", "kernels", Kernel, "kernel.json") }
func (p checkout) lock() string      { return p.dir("lock") }
func (p checkout) notebooks() string { return filepath.Join(p.root, "notebooks") }
func (p checkout) work() string      { return filepath.Join(p.root, "data", "runs", "lab") }

// env is the environment of everything that runs here: base with Jupyter's folders inside the checkout and our tools
// first on PATH. With lab, gopls is on PATH too.
func (p checkout) env(base []string, lab bool) []string {
	path := p.bin()
	if lab {
		path += string(filepath.ListSeparator) + p.lab()
	}
	set := map[string]string{
		"JUPYTER_CONFIG_DIR":    p.dir("config"),
		"JUPYTER_DATA_DIR":      p.share(),
		"JUPYTER_RUNTIME_DIR":   p.dir("runtime"),
		"IPYTHONDIR":            p.dir("ipython"),
		"JUPYTER_PLATFORM_DIRS": "1",
		"GOMLX_NO_AUTO_INSTALL": "1",
	}
	unset := map[string]bool{
		"JUPYTER_PATH": true, "JUPYTER_CONFIG_PATH": true, "JUPYTER_PREFER_ENV_PATH": true, "JUPYTER_TOKEN": true,
		"PYTHONHOME": true, "PYTHONPATH": true, "GOWORK": true, "GOBIN": true, "GOFLAGS": true,
	}
	var env []string
	goflags := "GOFLAGS=" + quickLink
	for _, entry := range base {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case name == "PATH":
			path += string(filepath.ListSeparator) + value
		case name == "GOFLAGS":
			goflags += allowed(value)
		case unset[name] || set[name] != "":
		default:
			env = append(env, entry)
		}
	}
	for name, value := range set {
		env = append(env, name+"="+value)
	}
	return append(env, goflags, "PATH="+path)
}

// quickLink leaves what only debuggers read out of a cell's program: linking, most of a cell's time, takes a third as long.
const quickLink = "-ldflags=-s"

// allowed are the user's GOFLAGS that are appended to ours: all but ours, -mod and -modfile, which the go command refuses in the
// workspaces that cells run in.
func allowed(goflags string) string {
	list := ""
	for _, flag := range strings.Fields(goflags) {
		name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		if name != "mod" && name != "modfile" && flag != quickLink {
			list += " " + flag
		}
	}
	return list
}
