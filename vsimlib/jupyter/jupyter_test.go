// SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestRoot(t *testing.T) {
	top := t.TempDir()
	write(t, filepath.Join(top, "clone", "go.mod"), "// the module\nmodule vsim // ours\n\ngo 1.26\n")
	write(t, filepath.Join(top, "clone", "other", "go.mod"), "module vsimulator\n")
	write(t, filepath.Join(top, "clone", "other", "deep", "file"), "")
	write(t, filepath.Join(top, "quoted", "go.mod"), "module \"vsim\"\n")
	for dir, want := range map[string]string{
		"clone": "clone", "clone/other/deep": "clone", "clone/not/there/yet": "clone", "quoted": "quoted",
	} {
		got, err := Root(filepath.Join(top, dir))
		if err != nil || got != filepath.Join(top, want) {
			t.Errorf("Root(%s) = %s, %v, want %s", dir, got, err, want)
		}
	}
	if got, err := Root(top); err == nil || !strings.Contains(err.Error(), "checkout") {
		t.Errorf("Root outside a checkout = %s, %v", got, err)
	}
	if got, err := Root("."); err != nil || !filepath.IsAbs(got) {
		t.Errorf("Root of this package = %s, %v", got, err)
	}
}

func TestEnv(t *testing.T) {
	p := checkout{"/c"}
	base := []string{
		"PATH=/usr/bin:/bin", "HOME=/h", "GOFLAGS=-mod=mod -v --modfile=x.mod -tags=a", "GOWORK=off", "PYTHONPATH=/evil",
		"JUPYTER_DATA_DIR=/elsewhere", "JUPYTER_PATH=/elsewhere", "JUPYTER_TOKEN=",
	}
	env := p.env(base, false)
	for _, want := range []string{
		"PATH=/c/.jupyter/bin:/usr/bin:/bin", "HOME=/h", "GOFLAGS=-ldflags=-s -v -tags=a", "JUPYTER_DATA_DIR=/c/.jupyter/share",
		"JUPYTER_CONFIG_DIR=/c/.jupyter/config", "JUPYTER_RUNTIME_DIR=/c/.jupyter/runtime", "IPYTHONDIR=/c/.jupyter/ipython",
		"GOMLX_NO_AUTO_INSTALL=1",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("%q is not in %q", want, env)
		}
	}
	seen := map[string]bool{}
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
	for _, name := range []string{"GOWORK", "PYTHONPATH", "JUPYTER_PATH", "JUPYTER_TOKEN"} {
		if seen[name] {
			t.Errorf("%s comes through", name)
		}
	}
	if lab := p.env(base, true); !slices.Contains(lab, "PATH=/c/.jupyter/bin:/c/.jupyter/lab:/usr/bin:/bin") {
		t.Errorf("gopls is not on the lab's PATH: %q", lab)
	}
	for _, base := range [][]string{nil, {"GOFLAGS=-mod=mod"}} {
		if env := p.env(base, false); !slices.Contains(env, "GOFLAGS=-ldflags=-s") {
			t.Errorf("from %q: %q", base, env)
		}
	}
}

// TestSetupResumes follows a part through failure, success, a second call, and each way of no longer being there.
func TestSetupResumes(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "venv", "python")
	builds, fail := 0, errors.New("no network")
	version, latest := "1", ""
	list := func(p checkout) []part {
		return []part{{
			name: "thing", what: "the thing", stamp: filepath.Join(root, "venv", "stamp"), key: key(version), latest: latest,
			files: []string{file},
			build: func(context.Context, io.Writer) error {
				builds++
				if err := os.RemoveAll(filepath.Dir(file)); err != nil {
					return err
				}
				write(t, file, "half")
				return fail
			},
		}}
	}
	step := func(what string, wantBuilds int, wantInstalled bool, wantErr string) {
		t.Helper()
		var log strings.Builder
		installed, err := setup(t.Context(), root, &log, list)
		if (err == nil) != (wantErr == "") || (err != nil && !strings.Contains(err.Error(), wantErr)) {
			t.Errorf("%s: error %v, want %q", what, err, wantErr)
		}
		if slices.Equal(installed, []string{"thing"}) != wantInstalled || builds != wantBuilds {
			t.Errorf("%s: installed %q after %d builds, want %d", what, installed, builds, wantBuilds)
		}
		if (log.Len() > 0) != (wantInstalled || wantErr != "") {
			t.Errorf("%s: log %q", what, log.String())
		}
	}
	step("failure", 1, false, "installing thing: no network")
	step("again", 2, false, "no network")
	fail = nil
	step("success", 3, true, "")
	step("all there", 3, false, "")
	version = "2"
	step("new version", 4, true, "")
	latest = "a"
	step("newer sources", 5, true, "")
	if parts := list(checkout{root}); len(missing(parts)) != 0 || len(outdated(parts)) != 0 {
		t.Error("missing or outdated after the set-up")
	}
	latest = "b"
	if parts := list(checkout{root}); len(missing(parts)) != 0 || len(outdated(parts)) != 1 {
		t.Error("with newer sources it is missing, or not outdated")
	}
	latest = "a"
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	step("file gone", 6, true, "")
	fail = errors.New("killed")
	version = "3"
	step("update fails", 7, false, "killed")
	version = "2"
	step("the old stamp does not come back", 8, false, "killed")
}

func TestSetupGoesOnWithoutExtras(t *testing.T) {
	root := t.TempDir()
	fails := func(context.Context, io.Writer) error { return errors.New("cannot build") }
	works := func(context.Context, io.Writer) error { return nil }
	var log strings.Builder
	installed, err := setup(t.Context(), root, &log, func(checkout) []part {
		return []part{
			{name: "extra", stamp: filepath.Join(root, "a", "stamp"), extra: true, build: fails},
			{name: "main", stamp: filepath.Join(root, "b", "stamp"), build: works},
		}
	})
	if err != nil || !slices.Equal(installed, []string{"main"}) ||
		!strings.Contains(log.String(), "going on without extra: cannot build") {
		t.Errorf("installed %q, error %v, log %q", installed, err, log.String())
	}
}

func TestSetupStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	root := t.TempDir()
	_, err := setup(ctx, root, io.Discard, func(checkout) []part {
		stamp := filepath.Join(root, "stamp")
		return []part{{name: "slow", extra: true, stamp: stamp, build: func(ctx context.Context, _ io.Writer) error {
			cancel()
			return run(ctx, root, os.Environ(), "sleep", "60")
		}}}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

func TestRunTellsTheErrorLine(t *testing.T) {
	err := run(t.Context(), t.TempDir(), os.Environ(), "sh", "-c", "echo 'ERROR: no such package' >&2; echo bye; exit 2")
	if err == nil || err.Error() != "sh: ERROR: no such package" && !strings.HasSuffix(err.Error(), ": ERROR: no such package") {
		t.Errorf("error %v", err)
	}
	if err := run(t.Context(), t.TempDir(), nil, "no-such-program"); err == nil || !strings.Contains(err.Error(), "not on PATH") {
		t.Errorf("error %v", err)
	}
}

func TestKeysFollowWhatPartsAreMadeOf(t *testing.T) {
	if key("ab", "c") == key("a", "bc") {
		t.Error("keys of different lists are equal")
	}
	root := t.TempDir()
	gomod := filepath.Join(root, "go.mod")
	keys := func(text, root string) string {
		write(t, gomod, text)
		var all []string
		for _, part := range (checkout{root}).parts() {
			all = append(all, part.key)
		}
		return strings.Join(all, " ")
	}
	base := keys("module vsim\ntool github.com/janpfeifer/gonb\nrequire github.com/janpfeifer/gonb v0.11.4 // indirect\n", root)
	if base == keys("module vsim\ntool github.com/janpfeifer/gonb\nrequire github.com/janpfeifer/gonb v0.11.5\n", root) {
		t.Error("a new version of gonb changes nothing")
	}
	if base != keys("module vsim\ntool github.com/janpfeifer/gonb\nrequire github.com/janpfeifer/gonb v0.11.4\nrequire other v1.0.0\n", root) {
		t.Error("another module's version changes the tools")
	}
	moved := (checkout{filepath.Join(root, "moved")}).parts()
	for i, part := range (checkout{root}).parts() {
		if part.key == moved[i].key {
			t.Errorf("%s holds absolute paths, and a moved checkout does not change its key", part.name)
		}
	}
}

// TestRequirements: every package is pinned with checksums, and no index or address is named.
func TestRequirements(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)? \\$`)
	hash := regexp.MustCompile(`^    --hash=sha256:[0-9a-f]{64}( \\)?$`)
	names, afterPin := map[string]bool{}, false
	for i, line := range strings.Split(strings.TrimSpace(requirements), "\n") {
		switch {
		case pinned.MatchString(line):
			if afterPin {
				t.Errorf("line %d: the package before it has no checksum", i+1)
			}
			name, _, _ := strings.Cut(line, "==")
			names[name], afterPin = true, true
		case hash.MatchString(line):
			afterPin = false
		default:
			t.Errorf("line %d: %q is neither a pinned package nor a checksum", i+1, line)
		}
	}
	for _, name := range []string{"jupyterlab", "nbclient", "nbformat", "jupyter-client", "pyzmq"} {
		if !names[name] {
			t.Errorf("%s is not pinned", name)
		}
	}
}

func TestFindPython(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"new", "echo 3 13", ""},
		{"oldest", "echo 3 9", ""},
		{"old", "echo 3 8", "is Python 3.8; install Python 3.9"},
		{"two", "echo 2 7", "install Python 3.9"},
		{"broken", "exit 1", "does not run"},
		{"odd", "echo hello", "install Python 3.9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "python3"), "#!/bin/sh\n"+tt.script+"\n")
			t.Setenv("PATH", dir)
			path, err := findPython(t.Context())
			if tt.want == "" {
				if err != nil || path != filepath.Join(dir, "python3") {
					t.Errorf("%s, %v", path, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := findPython(t.Context()); err == nil || !strings.Contains(err.Error(), "not on PATH") {
		t.Errorf("error %v", err)
	}
}

func TestNothingInstalled(t *testing.T) {
	root := t.TempDir()
	state := Status(root)
	missing := []string{"jupyter", "gonb", "modules", "kernel"}
	if state.Ready || state.Gopls || state.Jupyter != "" || !slices.Equal(state.Missing, missing) {
		t.Errorf("state %+v", state)
	}
	if err := Execute(t.Context(), root, "a.ipynb", "b.ipynb", nil, nil); err == nil || !strings.Contains(err.Error(), "vsim setup") {
		t.Errorf("Execute: %v", err)
	}
	if err := Lab(t.Context(), root, io.Discard, nil); err == nil || !strings.Contains(err.Error(), "vsim setup") {
		t.Errorf("Lab: %v", err)
	}
}

func TestLabArgs(t *testing.T) {
	args := (checkout{"/c"}).labArgs(false, []string{"--no-browser"})
	for _, want := range []string{"--ServerApp.ip=127.0.0.1", "--ServerApp.root_dir=/c/data/runs/lab"} {
		if !slices.Contains(args, want) {
			t.Errorf("%s is not in %q", want, args)
		}
	}
	for _, arg := range args {
		if strings.Contains(arg, "token") || strings.Contains(arg, "password") || strings.Contains(arg, "allow_root") {
			t.Errorf("%s weakens the server", arg)
		}
	}
	for _, user := range []string{"--ip=0.0.0.0", "--ServerApp.ip=0.0.0.0"} {
		args := (checkout{"/c"}).labArgs(true, []string{user})
		if slices.Contains(args, "--ServerApp.ip=127.0.0.1") || args[len(args)-1] != user ||
			!slices.Contains(args, "--ServerApp.allow_root=True") {
			t.Errorf("with %s: %q", user, args)
		}
	}
}

// TestSetupRefusesOthersFolder: where the checkout is a home folder, .jupyter is the configuration of the user's own Jupyter.
func TestSetupRefusesOthersFolder(t *testing.T) {
	list := func(p checkout) []part {
		return []part{{name: "thing", stamp: p.dir("thing", "stamp"), key: "1",
			build: func(context.Context, io.Writer) error { return nil }}}
	}
	root := t.TempDir()
	write(t, filepath.Join(root, ".jupyter", "jupyter_lab_config.py"), "mine")
	_, err := setup(t.Context(), root, io.Discard, list)
	if err == nil || !strings.Contains(err.Error(), "has jupyter_lab_config.py and is no set-up of vsim") {
		t.Errorf("error %v", err)
	}
	if entries, err := os.ReadDir(filepath.Join(root, ".jupyter")); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	older := t.TempDir() // without the marker, which is written now
	write(t, filepath.Join(older, ".jupyter", "lock"), "")
	for range 2 {
		if _, err := setup(t.Context(), older, io.Discard, list); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(filepath.Join(older, ".jupyter", "thing")); err != nil {
			t.Fatal(err)
		}
	}
}
