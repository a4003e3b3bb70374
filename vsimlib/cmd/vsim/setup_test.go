// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/plugin"
)

// checkout is a folder that is taken for a clone.
func checkout(t *testing.T, notebooks ...string) string {
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
	if _, err := plugin.Install(t.Context(), os.Stderr); err != nil {
		t.Fatal(err)
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
	root := checkout(t)
	in(t, root, nil, "reproduce").failed(exitFailed, "no notebooks in", "notebooks")
	if jsonfile.Exists(filepath.Join(root, ".jupyter")) {
		t.Error("something was set up")
	}
}

func TestReproductionFolders(t *testing.T) {
	root := checkout(t, "01_one_record.ipynb", "00_quickstart.ipynb", "00_quickstart.partial.ipynb", "10_mine.ipynb")
	tiny, demo := newReproduction(root, scaleTiny), newReproduction(root, scaleDemo)
	var log strings.Builder
	found, err := tiny.notebooks(&log)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(root, "notebooks", "00_quickstart.ipynb"), filepath.Join(root, "notebooks", "01_one_record.ipynb")}
	if !slices.Equal(found, want) {
		t.Errorf("notebooks %v", found)
	}
	for _, want := range []string{"02_minibatch.ipynb is missing and left out", "not executed, as your own: ", "10_mine.ipynb"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in the log %q", want, log.String())
		}
	}
	work := filepath.Join(root, "data", "runs", "reproduce-tiny") + string(filepath.Separator)
	for _, dir := range []string{tiny.executed, tiny.rendered, tiny.runs, tiny.figures, tiny.small} {
		if !strings.HasPrefix(dir, work) {
			t.Errorf("tiny writes to %s, outside %s", dir, work)
		}
	}
	for got, want := range map[string]string{demo.rendered: "notebooks", demo.figures: "figures", demo.small: "data/results",
		demo.runs: "data/runs/reproduce-demo/runs", demo.work: "data/runs/reproduce-demo"} {
		if got != filepath.Join(root, want) {
			t.Errorf("demo writes to %s, want %s", got, want)
		}
	}
	env := []string{"VSIM_SCALE=demo", "VSIM_SET=", "VSIM_ROOT=" + root, "VSIM_RUNS=" + demo.runs, "VSIM_FIGURES=" + demo.figures,
		"VSIM_RESULTS=" + demo.small}
	if !slices.Equal(demo.env(), env) {
		t.Errorf("environment %v", demo.env())
	}
}

// TestDoctor: on a machine where all is broken, each thing is named with what fixes it, and nothing is changed.
func TestDoctor(t *testing.T) {
	root := checkout(t)
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
	onCPU(t)
	v := vsim(t, "doctor", "--json").has("backend", "kind", "devices", "ok")
	if devices, _ := v["devices"].(float64); v["backend"] != "xla" || v["kind"] != "cpu" || devices < 1 {
		t.Errorf("%v", v)
	}
}

func TestCellLines(t *testing.T) {
	c, text, pass := screen(false, 80)
	report := c.cells("00_quickstart")
	for _, e := range []jupyter.Event{
		{State: jupyter.Started, Cells: 3},
		{State: jupyter.Running, Cell: 1, Cells: 3},
		{State: jupyter.Output, Cell: 2, Cells: 3, Text: "step 1\x1b[K " + strings.Repeat("x", 200)},
	} {
		report(e)
		pass(logEvery)
	}
	expect(t, text, "vsim: 00_quickstart: 3 cells\nvsim: 00_quickstart: cell 1/3\n"+
		"vsim: 00_quickstart: cell 2/3  step 1\ufffd[K "+strings.Repeat("x", 90)+"…\n")
	for width, want := range map[int]string{40: "cell 3/9  pretrain m: step 11 of 60",
		80: "00_quickstart: cell 3/9  pretrain m: step 11 of 60  1,890 videos/s  1m20s left"} {
		c, text, _ := screen(true, width)
		c.cells("00_quickstart")(jupyter.Event{State: jupyter.Output, Cell: 3, Cells: 9,
			Text: "pretrain m: step 11 of 60 · 1,890 videos/s · 1m20s left · epoch 0.2/1"})
		expect(t, text, want)
	}
}
