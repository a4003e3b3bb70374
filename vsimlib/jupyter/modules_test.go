// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"go/build"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestModuleCache: where neither a folder for it nor a home is known, there is no cache, and the modules are missing.
func TestModuleCache(t *testing.T) {
	t.Setenv("GOMODCACHE", "")
	gopath := build.Default.GOPATH
	defer func() { build.Default.GOPATH = gopath }()
	list := string(filepath.ListSeparator)
	for path, want := range map[string]string{
		"": "", "/go": "/go/pkg/mod", "/go" + list + "/other": "/go/pkg/mod", list + "/other": "",
	} {
		build.Default.GOPATH = path
		if got := moduleCache(); got != filepath.FromSlash(want) {
			t.Errorf("GOPATH %q: %q, want %q", path, got, want)
		}
		if p := (checkout{t.TempDir()}).modules(); p.installed() || !filepath.IsAbs(p.stamp) {
			t.Errorf("GOPATH %q: the stamp is %s", path, p.stamp)
		}
	}
	t.Setenv("GOMODCACHE", "/cache")
	if got := moduleCache(); got != "/cache" {
		t.Errorf("GOMODCACHE: %q", got)
	}
}

// TestModulesOfCells builds up an empty module cache as a new user's, from the files of this one, and then lists a cell's packages
// as a kernel does, without a proxy. What a build of vsim downloads is not enough for it.
func TestModulesOfCells(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks all modules")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	full, empty := moduleCache(), t.TempDir()
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(filepath.Join(full, "cache", "download"))+","+strings.TrimSpace(string(proxy)))
	t.Setenv("GOMODCACHE", empty)
	t.Setenv("GOFLAGS", "-modcacherw") // so that t.TempDir can be removed
	list := func(env []string, dir string, args ...string) ([]byte, error) {
		cmd := exec.Command("go", append([]string{"list", "-deps"}, args...)...)
		cmd.Dir, cmd.Env = dir, env
		return cmd.CombinedOutput()
	}
	if out, err := list(os.Environ(), root, "./vsimlib/cmd/vsim"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p := checkout{root}
	cell := t.TempDir()
	if err := p.writeCell(context.Background(), cell); err != nil {
		t.Fatal(err)
	}
	kernel := append(KernelEnv(root, "", os.Environ()), "GOWORK="+filepath.Join(cell, "go.work"))
	if out, err := list(kernel, cell, "."); err == nil {
		t.Errorf("a cell's packages are listed before its modules are downloaded: %s", out)
	}
	modules := p.modules()
	if !strings.HasPrefix(modules.stamp, empty) || modules.installed() {
		t.Fatalf("stamp %s in an empty cache", modules.stamp)
	}
	if err := modules.install(context.Background(), io.Discard); err != nil {
		t.Fatal(err)
	}
	if out, err := list(kernel, cell, "."); err != nil || !modules.installed() {
		t.Errorf("a cell's packages after its modules are downloaded: %v: %s", err, out)
	}
}
