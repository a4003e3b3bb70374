// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/jupyter"
)

// plain is the environment without what sets a workspace.
var plain = []string{"VSIM_SCALE=", "VSIM_SET=", "VSIM_ROOT=", "VSIM_RUNS=", "VSIM_FIGURES=", "VSIM_RESULTS=", "VSIM_STUDIES="}

// TestRunRefuses: what cannot be run is named before anything starts.
func TestRunRefuses(t *testing.T) {
	root := clone(t, "00_quickstart.ipynb", "02_minibatch.ipynb")
	other, copied := filepath.Join(root, "02_minibatch.ipynb"), filepath.Join(root, "data", "runs", "tiny", "notebooks", "x.ipynb")
	if err := os.MkdirAll(filepath.Dir(copied), 0o755); err != nil {
		t.Fatal(err)
	}
	writeText(t, other, "{}")
	writeText(t, copied, "{}")
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "NOTEBOOK is missing"},
		{[]string{"nowhere.ipynb"},
			"nowhere.ipynb: no such file, and no notebook of this name in the folder notebooks, which has 00_quickstart, 02_minibatch"},
		{[]string{"02_minibach"}, "which has 02_minibatch"},
		{[]string{"notebooks/notes.txt"}, "is no notebook"},
		{[]string{"02", other}, "have one name"},
		{[]string{copied}, "is an executed copy"},
		{[]string{"02", "--in-place"}, "vsim reproduce --scale demo"},
		{[]string{"02", "--scale", "paper"}, "want tiny or demo"},
		{[]string{"02", "--set", "pretrain.epoch=3"}, "pretrain.epochs"},
		{[]string{"02", "--set", "pretrain.epochs=-3"}, "outside"},
		{[]string{"02", "--set", "pretrain.epochs=3 4"}, "has a space in it"},
	} {
		in(t, root, plain, append([]string{"run"}, c.args...)...).failed(exitUsage, c.want)
	}
	in(t, root, plain, "run", "02").failed(exitFailed, "not installed", "vsim setup")
	in(t, root, append([]string{"VSIM_SET=pretrain.epoch=3"}, plain[2:]...), "run", "02").failed(exitUsage, "pretrain.epochs")
}

// own is a notebook of a user's, which says what its cells find.
const own = `{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {}, "outputs": [], "source": [
"%%\n", "r := must.M1(nb.Recipe(1, \"pretrain.batch=8\"))\n", "fmt.Println(r.Pretrain.Epochs, r.Pretrain.Batch)\n",
"must.M1(nb.LabelLevels(\"mine\"))\n"]}],
"metadata": {"kernelspec": {"display_name": "Go (gonb)", "language": "go", "name": "gonb"}}, "nbformat": 4, "nbformat_minor": 5}`

// TestRun executes a user's notebook with settings: they reach its recipe, its own changes win, all it writes is in a workspace of
// its own below data/runs, and the notebook stays as it is unless --in-place says otherwise.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("sets Jupyter up and executes a notebook")
	}
	backendstest.Backend(t)
	root, err := jupyter.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jupyter.Setup(t.Context(), root, os.Stderr); err != nil {
		t.Fatal(err)
	}
	// A value that no one else uses: the workspace is this test's.
	folder := func(scale string) string {
		dir := filepath.Join(root, "data", "runs", scale+",pretrain.batch=7,pretrain.epochs=1234")
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		return dir
	}
	work := folder("tiny")
	notebook := writeText(t, filepath.Join(t.TempDir(), "mine.ipynb"), own)
	args := []string{"run", notebook, "--json", "--set", "pretrain.epochs=1234", "--set", "pretrain.batch=7"}
	v := in(t, root, plain, args...).ended(exitDone).has("notebooks", "scale", "set", "out", "runs", "figures", "results")
	if seconds, _ := v["notebooks"].(map[string]any)["mine"].(float64); seconds <= 0 || v["runs"] != work {
		t.Errorf("%v", v)
	}
	if text, err := os.ReadFile(notebook); err != nil || string(text) != own {
		t.Errorf("the notebook has changed (%v)", err)
	}
	copied := filepath.Join(work, "notebooks", "mine.ipynb")
	data, err := os.ReadFile(copied)
	if err != nil || !strings.Contains(string(data), `"1234 8\n"`) || strings.Contains(string(data), "go1.") {
		t.Errorf("executed copy %s, %v", data, err)
	}
	if !jsonfile.Exists(filepath.Join(work, "results", "mine.json")) {
		t.Error("the results are not in the workspace")
	}
	// At demo it goes below data/runs too, not into the committed results.
	in(t, root, plain, append(args, "--scale", "demo", "--in-place")...).ended(exitDone)
	committed := filepath.Join(root, "data", "results", "mine.json")
	if !jsonfile.Exists(filepath.Join(folder("demo"), "results", "mine.json")) || jsonfile.Exists(committed) {
		t.Error("at demo the results are elsewhere")
	}
	if text, err := os.ReadFile(notebook); err != nil || !strings.Contains(string(text), `"1234 8\n"`) {
		t.Errorf("--in-place: %s, %v", text, err)
	}
}
