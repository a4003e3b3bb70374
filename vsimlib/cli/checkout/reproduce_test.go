// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
)

func TestReproductionFolders(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"01_one_record.ipynb", "00_quickstart.ipynb", "00_quickstart.partial.ipynb", "10_mine.ipynb",
		"notes.txt"} {
		filetest.Write(t, filepath.Join(root, "notebooks", name), "{}")
	}
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

// TestClearRuns: --force of a reproduction removes runs and makes studies' tasks undone, and leaves what a user put between them.
func TestClearRuns(t *testing.T) {
	work := filepath.Join(t.TempDir(), "demo")
	trained := run.Dir(filepath.Join(work, "mine", "pretrain"))
	if err := os.MkdirAll(trained.Model(), 0o755); err != nil {
		t.Fatal(err)
	}
	task := run.Dir(filepath.Join(work, "study", "pretrain-0"))
	if err := os.MkdirAll(string(task), 0o755); err != nil {
		t.Fatal(err)
	}
	users := []string{filepath.Join(work, "notes.txt"), filepath.Join(work, "mine", "result.json"),
		filepath.Join(trained.Model(), "mine.bin")}
	goes := []string{trained.Result(), filepath.Join(trained.Model(), run.WeightsFile), task.Result()}
	for _, path := range append(append([]string{filepath.Join(string(task), "task.json")}, users...), goes...) {
		filetest.Write(t, path, "{}")
	}
	if err := jsonfile.Write(trained.Identity(), runid.Identity{Stage: "pretrain"}); err != nil {
		t.Fatal(err)
	}
	if err := clearRuns(work); err != nil {
		t.Fatal(err)
	}
	for _, path := range users {
		if !jsonfile.Exists(path) {
			t.Errorf("%s is gone", path)
		}
	}
	for _, path := range append(goes, trained.Identity()) {
		if jsonfile.Exists(path) {
			t.Errorf("%s is still there", path)
		}
	}
	if err := clearRuns(filepath.Join(work, "absent")); err != nil {
		t.Error(err)
	}
}
