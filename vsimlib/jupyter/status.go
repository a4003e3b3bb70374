// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"os"
	"path/filepath"
	"strings"
)

// State is what Status found.
type State struct {
	Ready   bool     // a headless run has all it needs
	Dir     string   // where Jupyter is, or would be
	Jupyter string   // JupyterLab's version, "" if not installed
	Kernel  string   // the kernel's description file, "" if not installed
	Gopls   bool     // completion in JupyterLab
	Missing []string // names of missing parts, as Setup returns them
}

// Status says what of Jupyter is installed in the checkout, without running anything.
func Status(root string) State {
	if abs, err := filepath.Abs(root); err == nil {
		root = abs
	}
	p := checkout{root}
	s := State{Dir: p.dir(), Gopls: p.gopls().installed()}
	for _, part := range p.parts() {
		switch there := part.installed(); {
		case !there:
			s.Missing = append(s.Missing, part.name)
		case part.name == "kernel":
			s.Kernel = p.kernel()
		case part.name == "jupyter":
			s.Jupyter = p.labVersion()
		}
	}
	s.Ready = len(s.Missing) == 0
	return s
}

// labVersion reads JupyterLab's version from its metadata folder in the virtual environment.
func (p checkout) labVersion() string {
	found, _ := filepath.Glob(filepath.Join(p.venv(), "lib", "python3*", "site-packages", "jupyterlab-*.dist-info"))
	for _, dir := range found {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(dir), "jupyterlab-"), ".dist-info")
		}
	}
	return "installed"
}
