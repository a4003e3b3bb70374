// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runs/runstest"
)

// plan plans the removal of runs of a folder, which is looked through.
func plan(t *testing.T, dir string, names ...string) (Removal, error) {
	t.Helper()
	for i := range names {
		names[i] = filepath.Join(dir, names[i])
	}
	return Plan(t.Context(), names, []string{dir})
}

func TestRemove(t *testing.T) {
	dir := runstest.Folder(t)
	p, err := plan(t, dir, runstest.Stopped)
	if err != nil || len(p.Needs) != 0 || len(p.Runs) != 1 || p.Runs[0].Bytes < 10_000 {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := p.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := filetest.Names(t, dir); strings.Join(got, " ") != "finetune pretrain" {
		t.Errorf("%v are left", got)
	}
}

// TestNeededModel: the model that another run started from is needed, also where the other is not done, or has the checksum that
// older versions wrote.
func TestNeededModel(t *testing.T) {
	dir := runstest.Folder(t)
	older := copyRun(t, dir, runstest.Finetune, "older")
	_, of := scan(t, dir)
	var hash string
	for _, sum := range models(run.Dir(filepath.Join(dir, runstest.Pretrain))) {
		if sum != of("older").Init {
			hash = sum // of the whole file
		}
	}
	filetest.Write(t, older.Identity(), strings.Replace(filetest.Content(t, older.Identity()), of("older").Init, hash, 1))
	p, err := plan(t, dir, runstest.Pretrain)
	if err != nil || len(p.Needs) != 2 {
		t.Fatalf("%+v, %v", p.Needs, err)
	}
	if n := p.Needs[0]; n.Dir != filepath.Join(dir, runstest.Pretrain) || n.By != filepath.Join(dir, runstest.Finetune) ||
		n.Error() != n.Dir+": "+n.By+" started from its model" {
		t.Errorf("%+v", n)
	}
	p, err = plan(t, dir, runstest.Pretrain, "older", runstest.Finetune, runstest.Finetune) // together nothing needs them
	if err != nil || len(p.Needs) != 0 || len(p.Runs) != 3 || p.Runs[2].Dir != filepath.Join(dir, runstest.Pretrain) {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestRemoveOrder: a run goes before the one that it started from, also with an unrelated one between the two in the call.
func TestRemoveOrder(t *testing.T) {
	dir := runstest.Folder(t)
	p, err := plan(t, dir, runstest.Pretrain, runstest.Stopped, runstest.Finetune)
	var order []string
	for _, r := range p.Runs {
		order = append(order, filepath.Base(r.Dir))
	}
	if err != nil || strings.Join(order, " ") != "finetune pretrain stopped" {
		t.Errorf("%v, %v", order, err)
	}
	own := Removed{models: []string{"x"}, init: "x"} // of no steps: its model is its initial one
	if got := startedFirst([]Removed{own, own}); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

// TestRemoveRefuses what is no run, and what a process has; nothing changes.
func TestRemoveRefuses(t *testing.T) {
	dir := runstest.Folder(t)
	if err := os.Symlink(filepath.Join(dir, runstest.Stopped), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	checkpoints, elsewhere := filepath.Join(dir, "pretrain", "checkpoints"), filepath.Join(t.TempDir(), "checkpoints")
	if err := errors.Join(os.Rename(checkpoints, elsewhere), os.Symlink(elsewhere, checkpoints)); err != nil {
		t.Fatal(err)
	}
	unlock, err := run.Dir(filepath.Join(dir, runstest.Finetune)).Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	other := filepath.Join(dir, "corpus")
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	filetest.Write(t, filepath.Join(other, "vsim.json"), `{"kind":"corpus","version":1}`)
	for name, why := range map[string]string{
		runstest.Finetune: fmt.Sprintf("finetune: in use by process %d", os.Getpid()), "none": "none: no such file",
		".": "is no run of vsim", "pretrain/model": "is no run of vsim", "link": "is a link", "corpus": "is a corpus of vsim, not a run",
		"pretrain": "pretrain/checkpoints: is a link, which is not followed",
	} {
		if _, err := plan(t, dir, runstest.Stopped, name); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !jsonfile.Exists(filepath.Join(dir, runstest.Stopped, "recipe.json")) {
		t.Error("it was removed all the same")
	}
}

// TestRemoveLeavesUsersFiles with their folder.
func TestRemoveLeavesUsersFiles(t *testing.T) {
	dir := runstest.Folder(t)
	d := filepath.Join(dir, runstest.Stopped)
	filetest.Write(t, filepath.Join(d, "notes.txt"), "mine")
	filetest.Write(t, filepath.Join(d, ".lock"), "1 elsewhere\n") // it died
	p, err := plan(t, dir, runstest.Stopped)
	if err == nil {
		err = p.Do(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if left := p.Runs[0].Left; len(left) != 1 || left[0] != "notes.txt" || strings.Join(filetest.Names(t, d), " ") != "notes.txt" {
		t.Errorf("%v", left)
	}
}

// TestRemoveOfStudy: the run of a task is needed by its study; removed all the same, the task is not done.
func TestRemoveOfStudy(t *testing.T) {
	dir := runstest.Folder(t)
	copyRun(t, dir, runstest.Pretrain, "study/pretrain-aa/run")
	copyRun(t, dir, runstest.Finetune, "study/finetune-bb/run")
	for name, content := range map[string]string{
		"pretrain-aa/task.json": `{"kind":"pretrain","work":{},"needs":[]}`, "pretrain-aa/result.json": `{"seconds":3}`,
		"pretrain-aa/vsim.json": `{"kind":"task","version":1}`, "finetune-bb/task.json": `{"kind":"finetune","work":{},"needs":["aa"]}`,
		"finetune-bb/failed.json": `{"error":"out of memory"}`,
		"embed-cc/task.json":      `{"kind":"embed","work":{"part":"test_a"},"needs":["bb"]}`,
		"embed-cc/result.json":    `{"seconds":1,"score":{"spearman":0.25,"mse":0.1,"pairs":9}}`,
	} {
		path := filepath.Join(dir, "study", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		filetest.Write(t, path, content)
	}
	_, of := scan(t, dir)
	if r := of("study/finetune-bb/run"); r.Scores["test_a_spearman"] != 0.25 || !strings.Contains(r.scored(), "test_a 0.2500") {
		t.Errorf("%v", r.Scores)
	} else if len(r.Problems) != 1 || r.Problems[0] != "out of memory" {
		t.Errorf("%q", r.Problems)
	}
	p, err := plan(t, dir, "study/pretrain-aa") // the task stands for its run
	if err != nil || len(p.Runs) != 1 || p.Runs[0].Dir != filepath.Join(dir, "study/pretrain-aa/run") {
		t.Fatalf("%+v, %v", p, err)
	}
	var by []string
	for _, n := range p.Needs {
		by = append(by, filepath.Base(n.By)+" "+n.Why)
	}
	want := "pretrain-aa is the task of a study that has it; finetune-bb is the task of a study that needs its model; " +
		"run started from its model; finetune started from its model"
	if got := strings.Join(by, "; "); len(by) != 4 || !strings.HasPrefix(got, want[:90]) {
		t.Errorf("%s\nwant %s", got, want)
	}
	if err := p.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := filetest.Names(t, filepath.Join(dir, "study")); strings.Join(got, " ") != "embed-cc finetune-bb" {
		t.Errorf("%v are left", got)
	}
}
