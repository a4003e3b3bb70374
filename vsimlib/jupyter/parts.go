// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"vsim/vsimlib/filetype"
)

// requirements pins JupyterLab, nbclient and all they need, with checksums, for Python 3.9 and newer on Linux and macOS.
// README.md next to it says how it was made.
//
//go:embed requirements.txt
var requirements string

// goplsVersion is one that the pinned Go builds.
const goplsVersion = "v0.23.0"

// kernelPart is the name of the part that is built of the checkout itself.
const kernelPart = "kernel"

const (
	minPythonMinor = 9
	needPython     = "install Python 3.9 or newer"
)

// parts lists what a headless run needs. The keys carry the checkout's path, since virtual environments and the kernel
// hold absolute paths, and so does the version of Go that built the tools.
func (p checkout) parts() []part {
	tools := toolVersions(filepath.Join(p.root, "go.mod"))
	return []part{
		{
			name: "jupyter", what: "JupyterLab", stamp: p.dir("venv", "vsim-stamp"), key: key(p.root, requirements),
			files: []string{p.python()},
			build: p.buildVenv,
		},
		{
			name: "gonb", what: "the GoNB kernel's programs", stamp: p.dir("bin", "stamp"), key: key(p.root, tools, runtime.Version()),
			files: []string{filepath.Join(p.bin(), "gonb"), filepath.Join(p.bin(), "goimports")},
			build: p.buildTools,
		},
		p.modules(),
		{
			name: kernelPart, what: "the GoNB kernel", stamp: p.dir("share", "stamp"),
			key: key(p.root, tools), latest: key(runtime.Version(), p.sources()),
			files: []string{p.kernel(), p.program(vsimProgram)},
			build: p.installKernel, whole: true,
		},
	}
}

// gopls is the part that only JupyterLab uses.
func (p checkout) gopls() part {
	return part{
		name: "gopls", what: "gopls " + goplsVersion + " for completion", stamp: p.dir("lab", "stamp"),
		key:   key(goplsVersion, runtime.Version()),
		files: []string{filepath.Join(p.lab(), "gopls")}, extra: true,
		build: func(ctx context.Context, _ io.Writer) error {
			env := append(p.env(os.Environ(), false), "GOBIN="+p.lab())
			// Outside the checkout, so that its go.mod has no say.
			return run(ctx, p.lab(), append(env, "GOWORK=off"), "go", "install", "golang.org/x/tools/gopls@"+goplsVersion)
		},
	}
}

// key is a short name for what a part is made of.
func key(made ...string) string {
	h := sha256.New()
	for _, s := range made {
		_, _ = io.WriteString(h, strconv.Itoa(len(s))+":"+s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// toolVersions are the lines of go.mod that decide the tools: theirs, and those of the modules they are in.
func toolVersions(gomod string) string {
	data, err := filetype.ReadFile(gomod)
	if err != nil {
		return ""
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "//")
		if strings.Contains(line, "github.com/janpfeifer/gonb") || strings.Contains(line, "golang.org/x/tools") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines, "\n")
}

// buildTools builds gonb and goimports at the versions of go.mod.
func (p checkout) buildTools(ctx context.Context, _ io.Writer) error {
	if _, err := exec.LookPath("go"); err != nil {
		return fmt.Errorf("go is not on PATH; install Go (go.mod says which version)")
	}
	env := append(p.env(os.Environ(), false), "GOWORK=off")
	return run(ctx, p.root, env, "go", "build", "-o", p.bin()+string(filepath.Separator),
		"github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports")
}
