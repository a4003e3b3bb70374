// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/plugin"
	"vsim/vsimlib/proc"
)

// TestClients drives the installed kernel, and through it GoNB, with jupyter_client and nbclient; testdata/clients.py says what
// has to hold. Its clients know where the kernel's description is and nothing else: no PATH, no setting of Go's or vsim's.
func TestClients(t *testing.T) {
	if testing.Short() {
		t.Skip("sets Jupyter up and runs kernels")
	}
	if plugin.Path() != "" { // one is pinned for this platform: no cell is to wait for its download
		if _, err := plugin.Install(t.Context(), os.Stderr); err != nil {
			t.Fatal(err)
		}
	}
	root, err := jupyter.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jupyter.SetupLab(t.Context(), root, os.Stderr); err != nil {
		t.Fatal(err)
	}
	gopls := jupyter.Status(root).Gopls
	for _, what := range []string{"queue", "interrupt", "questions", "fails", "restart", "shutdown", "killed", "notebook"} {
		t.Run(what, func(t *testing.T) { runClient(t, root, what, gopls) })
	}
}

// runClient calls one function of clients.py, with folders of its own.
func runClient(t *testing.T, root, what string, gopls bool) {
	t.Helper()
	temp, err := os.MkdirTemp("/tmp", "vsim-clients-") // sockets want short paths
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	runtime := filepath.Join(temp, "runtime")
	if err := os.Mkdir(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"JUPYTER_PATH=" + filepath.Join(root, ".jupyter", "share"), "JUPYTER_RUNTIME_DIR=" + runtime, "TMPDIR=" + temp,
		"GOPLS=" + strconv.FormatBool(gopls),
	}
	for _, name := range []string{
		"HOME", "GOPATH", "GOCACHE", "GOMODCACHE", "GOTOOLCHAIN", "XDG_CACHE_HOME", "GOMLX_BACKEND", "PJRT_PLUGIN_LIBRARY_PATH",
	} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	cmd := proc.Command(t.Context(), filepath.Join(root, ".jupyter", "venv", "bin", "python"), "-I", "testdata/clients.py", what)
	cmd.Env = env
	log, err := os.Create(filepath.Join(temp, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	if err := proc.Run(cmd); err != nil {
		data, _ := os.ReadFile(log.Name())
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		t.Errorf("%v:\n%s", err, strings.Join(lines[max(0, len(lines)-40):], "\n"))
	}
}
