// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
)

// does runs a command in a folder and returns what it writes.
func does(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GOFLAGS=", "GOPROXY=off", "GOWORK=")
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		_ = errors.As(err, &failed)
		t.Fatalf("%s %v: %v: %s", name, args, err, failed.Stderr)
	}
	return strings.TrimSpace(string(out))
}

// program prints Host.
const program = `package main

import (
	"encoding/json"
	"os"

	"vsim/vsimlib/provenance"
)

func main() { _ = json.NewEncoder(os.Stdout).Encode(provenance.Host()) }
`

// repository is a checkout with this package and a program of the shell's, all committed.
func repository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"checkout.go", "host.go", "provenance.go"} {
		filetest.Write(t, filepath.Join(root, "vsimlib", "provenance", name), filetest.Content(t, name))
	}
	filetest.Write(t, filepath.Join(root, "go.sum"), filetest.Content(t, "../../go.sum"))
	mod := "module vsim\n"
	for line := range strings.Lines(filetest.Content(t, "../../go.mod")) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "go ") {
			mod += line + "\n"
		} else if strings.HasPrefix(line, "golang.org/x/sys ") {
			mod += "require " + line + "\n"
		}
	}
	filetest.Write(t, filepath.Join(root, "go.mod"), mod)
	filetest.Write(t, filepath.Join(root, "vsimlib", "cmd", "main.go"), program)
	commit(t, root)
	return root
}

// commit makes a folder a repository with all that is in it.
func commit(t *testing.T, dir string) {
	t.Helper()
	does(t, dir, "git", "init", "-q")
	does(t, dir, "git", "add", ".")
	does(t, dir, "git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "All")
}

// TestCheckout: a program that is built as GoNB builds cells, which Go does not stamp, says the revision that Go stamps into one of
// the checkout, and whether the sources were modified. Once they have changed it says none, for it may have been built from others.
func TestCheckout(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	root := repository(t)
	build := func(dir, what string, stamp bool) string {
		out := filepath.Join(t.TempDir(), "program")
		does(t, dir, "go", "build", fmt.Sprintf("-buildvcs=%t", stamp), "-o", out, what)
		return out
	}
	dir := t.TempDir()
	does(t, dir, "go", "mod", "init", "cell")
	does(t, dir, "go", "work", "init", root, ".")
	filetest.Write(t, filepath.Join(dir, "main.go"), program)
	commit(t, dir) // its revision is none of vsim's
	says := func(program string) string { return does(t, dir, program) }

	shell := build(root, "./vsimlib/cmd", true)
	clean := says(shell)
	if revision := does(t, root, "git", "rev-parse", "HEAD"); !strings.Contains(clean, `"revision":"`+revision+`","modified":false`) {
		t.Fatalf("the program of the shell: %s", clean)
	}
	cell, quick := build(dir, ".", true), build(root, "./vsimlib/cmd", false)
	filetest.Write(t, filepath.Join(root, "notebooks", "mine.ipynb"), "{}") // is no part of any program
	for name, one := range map[string]string{"a cell": cell, "built with -buildvcs=false": quick} {
		if got := says(one); got != clean {
			t.Errorf("%s: %s\nthe shell: %s", name, got, clean)
		}
	}
	filetest.Write(t, filepath.Join(root, "vsimlib", "more.go"), "package vsimlib\n")
	if got := says(cell); !strings.Contains(got, `"revision":""`) {
		t.Errorf("older than a source of the checkout: %s", got)
	}
	if got, shell := says(build(dir, ".", false)), says(build(root, "./vsimlib/cmd", true)); got != shell ||
		!strings.Contains(got, `"modified":true`) {
		t.Errorf("modified, a cell: %s\nthe shell: %s", got, shell)
	}
	if revision, modified := gitRevision(t.TempDir()); revision != "" || modified {
		t.Errorf("outside a repository: %s, %t", revision, modified)
	}
}
