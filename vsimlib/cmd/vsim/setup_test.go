// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/plugin"
)

// clone is a folder that is taken for a clone.
func clone(t *testing.T, notebooks ...string) string {
	t.Helper()
	root := t.TempDir()
	writeText(t, filepath.Join(root, "go.mod"), "module vsim\n")
	for _, name := range append(notebooks, "notes.txt") {
		if err := os.MkdirAll(filepath.Join(root, "notebooks"), 0o755); err != nil {
			t.Fatal(err)
		}
		writeText(t, filepath.Join(root, "notebooks", name), "{}")
	}
	return root
}

func in(t *testing.T, dir string, env []string, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	return finish(t, cmd)
}

// TestSetupPlugin: where the plugin is, setup has nothing to do, from any folder.
func TestSetupPlugin(t *testing.T) {
	if _, installed := plugin.Installed(); !installed {
		if testing.Short() {
			t.Skip("the plugin is not installed, and -short downloads nothing")
		}
		if _, err := plugin.Install(t.Context(), os.Stderr); err != nil {
			t.Fatal(err)
		}
	}
	o := in(t, t.TempDir(), nil, "setup", "--no-jupyter", "--json").ended(exitDone)
	if list, ok := o.has("installed")["installed"].([]any); !ok || len(list) != 0 {
		t.Errorf("installed %v", o.out)
	}
	if o := in(t, t.TempDir(), nil, "setup", "--no-jupyter").ended(exitDone); o.out != "everything is installed\n" {
		t.Errorf("%q", o.out)
	}
}

// TestOutsideACheckout: what needs one says so.
func TestOutsideACheckout(t *testing.T) {
	for _, args := range [][]string{{"setup"}, {"reproduce"}, {"lab"}, {"run", "02"}} {
		in(t, t.TempDir(), nil, args...).failed(exitFailed, "not in a checkout")
	}
}

// TestReproduceNeedsNotebooks, before it sets anything up.
func TestReproduceNeedsNotebooks(t *testing.T) {
	root := clone(t)
	in(t, root, nil, "reproduce").failed(exitFailed, "no notebooks in", "notebooks")
	if jsonfile.Exists(filepath.Join(root, ".jupyter")) {
		t.Error("something was set up")
	}
}

// TestDoctor: on a machine where all is broken, each thing is named with what fixes it, and nothing is changed.
func TestDoctor(t *testing.T) {
	root := clone(t)
	empty := t.TempDir()
	bare := []string{"PATH=" + empty, "HOME=" + empty, "XDG_CACHE_HOME=" + empty, "CC=", "GOMLX_BACKEND=", "PJRT_PLUGIN_LIBRARY_PATH="}
	o := in(t, root, bare, "doctor", "--json").ended(exitFailed)
	v := o.has("backend", "devices", "ok")
	if v["ok"] != false {
		t.Error("a bare machine is ok")
	}
	fixes := map[string]string{}
	for _, c := range v["checks"].([]any) {
		check := c.(map[string]any)
		if check["ok"] == false {
			fixes[check["name"].(string)], _ = check["fix"].(string)
		}
	}
	for name, fix := range map[string]string{"go": "install Go", "c compiler": "install", "python": "install Python",
		"jupyter": "vsim setup", "kernel": "vsim setup", "corpus": "git checkout"} {
		if !strings.Contains(fixes[name], fix) {
			t.Errorf("%s: fix %q, want %q", name, fixes[name], fix)
		}
	}
	if !strings.HasPrefix(o.stderr, "vsim: doctor: ") || strings.Count(o.stderr, "\n") != 1 {
		t.Errorf("stderr %q", o.stderr)
	}
	if jsonfile.Exists(filepath.Join(root, ".jupyter")) {
		t.Error("doctor installed something")
	}
	o = in(t, root, []string{"GOMLX_BACKEND=nonsense"}, "doctor").ended(exitFailed)
	if !strings.Contains(o.out, "nonsense") {
		t.Errorf("stdout %q", o.out)
	}
}

// TestDoctorFindsTheBackend of the tests, in the real checkout.
func TestDoctorFindsTheBackend(t *testing.T) {
	backendstest.XLA(t)
	v := vsim(t, "doctor", "--json").has("backend", "kind", "devices", "ok")
	if devices, _ := v["devices"].(float64); v["backend"] != "xla" || v["kind"] != "cpu" || devices < 1 {
		t.Errorf("%v", v)
	}
}
