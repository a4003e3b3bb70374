// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"cmp"
	"context"
	"go/build"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/filetype"
)

// modules is the part that puts all modules that cells need into Go's module cache, since kernels download none (GOPROXY=off). The
// stamp is in that cache, so that it goes where the cache is emptied, and is named by checkout and go.sum.
func (p checkout) modules() part {
	sums, _ := filetype.ReadFile(filepath.Join(p.root, "go.sum"))            // where it cannot be read, go says so
	made, cache := key(p.root, string(sums)), cmp.Or(moduleCache(), p.dir()) // without a cache go list fails, and says what to set
	return part{
		name: "modules", what: "the Go modules of cells", into: cache, key: made,
		stamp: filepath.Join(cache, "cache", "vsim-cells-"+made),
		build: p.downloadModules, whole: true,
	}
}

// downloadModules lists the packages of a cell and of the checkout in a workspace as GoNB makes it for cells. In a workspace Go
// reads the go.mod of every module that the checkout's go.mod names, more than the build of vsim reads.
func (p checkout) downloadModules(ctx context.Context, _ io.Writer) error {
	cell, err := os.MkdirTemp("", "vsim-cell-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(cell) }()
	if err := p.writeCell(ctx, cell); err != nil {
		return err
	}
	return run(ctx, cell, p.env(os.Environ(), false), "go", "list", "-deps", ".", "vsim/vsimlib/...")
}

// writeCell writes a cell's program, its module and the workspace with the checkout into a folder.
func (p checkout) writeCell(ctx context.Context, dir string) error {
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(cellProgram), 0o600); err != nil {
		return err
	}
	env := p.env(os.Environ(), false)
	for _, args := range [][]string{{"mod", "init", "cell"}, {"work", "init"}, {"work", "use", p.root, "."}} {
		if err := run(ctx, dir, env, "go", args...); err != nil {
			return err
		}
	}
	return nil
}

// cellProgram imports what every cell does.
const cellProgram = `package main

import (
	_ "github.com/janpfeifer/must"

	_ "vsim/vsimlib/nb"
	_ "vsim/vsimlib/plots"
)

func main() {}
`

// moduleCache is Go's module cache, "" where there is none: without GOPATH it is in the home folder, which HOME names.
func moduleCache() string {
	first, _, _ := strings.Cut(build.Default.GOPATH, string(filepath.ListSeparator))
	if first != "" {
		first = filepath.Join(first, "pkg", "mod")
	}
	return cmp.Or(os.Getenv("GOMODCACHE"), first)
}
