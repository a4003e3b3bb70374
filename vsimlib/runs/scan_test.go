// SPDX-License-Identifier: Apache-2.0

package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runs/runstest"
)

// scan lists a folder, and finds a run of it by its name.
func scan(t *testing.T, dir string) (Listing, func(name string) Run) {
	t.Helper()
	l, err := Scan(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return l, func(name string) Run {
		t.Helper()
		i := slices.IndexFunc(l.Runs, func(r Run) bool { return r.Dir == filepath.Join(dir, name) })
		if i < 0 {
			t.Fatalf("%s is not listed; passed over: %v", name, l.Passed)
		}
		return l.Runs[i]
	}
}

// copyRun copies a run of a folder under another name.
func copyRun(t *testing.T, dir, from, to string) run.Dir {
	t.Helper()
	if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(filepath.Join(dir, from))); err != nil {
		t.Fatal(err)
	}
	return run.Dir(filepath.Join(dir, to))
}

func remove(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestScan(t *testing.T) {
	dir := runstest.Folder(t)
	l, of := scan(t, dir)
	if len(l.Runs) != 3 || len(l.Passed) != 0 {
		t.Fatalf("%d runs, passed over %v", len(l.Runs), l.Passed)
	}
	pre, fine, stopped := of(runstest.Pretrain), of(runstest.Finetune), of(runstest.Stopped)
	if pre.Stage != "pretrain" || pre.State != Done || pre.Steps == nil || pre.Step != *pre.Steps || pre.Seconds <= 0 ||
		pre.Bytes < 10_000 || pre.Start == "" || pre.Scores["val_loss"] == 0 || pre.Scores["loss_mfm"] == 0 || pre.Init != "" {
		t.Errorf("%+v", pre)
	}
	if fine.Stage != "finetune" || fine.State != Done || fine.Split != "released" || fine.Init == "" {
		t.Errorf("%+v", fine)
	}
	if fine.Spearman == nil || *fine.Spearman != fine.Scores["val_spearman"] || fine.Scores["val_mse"] <= 0 || pre.Spearman != nil {
		t.Errorf("%v", fine.Scores)
	}
	if stopped.State != Stopped || stopped.Step != runstest.StopStep || stopped.Checkpoint != runstest.StopStep ||
		stopped.Steps == nil || *stopped.Steps != *pre.Steps || stopped.Seconds <= 0 || stopped.Scores["loss"] == 0 {
		t.Errorf("%+v", stopped)
	}
	if words := stopped.Summary(); words != "stopped at step 2" {
		t.Errorf("%q", words)
	}
	if !slices.Contains(stopped.Settings, "pretrain.seed=9") || slices.Contains(pre.Settings, "pretrain.seed=9") ||
		pre.Preset != "tiny" || pre.Member != 1 || slices.ContainsFunc(pre.Settings, func(s string) bool {
		return strings.HasPrefix(s, "finetune.") || strings.Contains(s, "vocab_size") || strings.Contains(s, "weight_tag")
	}) {
		t.Errorf("%s %d %q", pre.Preset, pre.Member, pre.Settings)
	}
}

// TestStates derives each state from what processes leave.
func TestStates(t *testing.T) {
	dir := runstest.Folder(t)
	lost := func(d run.Dir, name string) { remove(t, filepath.Join(string(d), name)) }

	died := copyRun(t, dir, runstest.Stopped, "died")
	filetest.Write(t, filepath.Join(string(died), ".lock"), "1 elsewhere\n")
	log := filetest.Content(t, died.Metrics())
	filetest.Write(t, died.Metrics(), log+`{"step":3,"epoch":1.5,"loss":7}`+"\n"+`{"step":4,"lo`)

	running := copyRun(t, dir, runstest.Stopped, "running")
	unlock, err := running.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()

	lost(copyRun(t, dir, runstest.Pretrain, "damaged"), "model/vocab.txt")
	lost(copyRun(t, dir, runstest.Pretrain, "without checkpoints"), "checkpoints") // which a done run may lose
	lost(copyRun(t, dir, runstest.Pretrain, "older"), "vsim.json")
	begun := copyRun(t, dir, runstest.Stopped, "begun")
	for _, name := range []string{"checkpoints", "metrics.jsonl"} {
		lost(begun, name)
	}

	l, of := scan(t, dir)
	if notes := strings.Join(l.Notes(), "; "); notes != "damaged: model/vocab.txt: is missing" {
		t.Errorf("%q", notes)
	}
	for name, want := range map[string]string{"died": "died at step 3 (goes on from 2)", "running": "running at step 2",
		"damaged": "damaged", "without checkpoints": "done", "older": "done", "begun": "stopped at step 0"} {
		if r := of(name); !strings.HasPrefix(r.Summary(), want) {
			t.Errorf("%s: %q, want %q", name, r.Summary(), want)
		}
	}
	if p := of("damaged").Problems; len(p) != 1 || !strings.HasSuffix(p[0], "vocab.txt: is missing") {
		t.Errorf("%q", p)
	}
	if r := of("begun"); r.Steps != nil || r.Seconds != 0 {
		t.Errorf("%+v", r)
	}
}

// TestPassedOver names what is no run, and does not fail.
func TestPassedOver(t *testing.T) {
	dir := runstest.Folder(t)
	filetest.Write(t, copyRun(t, dir, runstest.Stopped, "broken").Identity(), `{"stage": "pre`)
	remove(t, copyRun(t, dir, runstest.Stopped, "bare").Recipe())
	for _, path := range []string{"notes/a/todo.txt", "notes/b.txt", ".hidden/x", "later/pictures/x.png"} {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		filetest.Write(t, path, "x")
	}
	copyRun(t, dir, runstest.Stopped, "later/deep/run")
	l, of := scan(t, dir)
	of("later/deep/run")
	var got []string
	for _, p := range l.Passed {
		got = append(got, fmt.Sprintf("%s: %t", l.name(p.Dir), p.Foreign))
	}
	slices.Sort(got)
	if want := []string{"bare: false", "broken: false", "later/pictures: true", "notes: true"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	notes := strings.Join(l.Notes(), "\n")
	for _, part := range []string{"passed over broken: ", "identity.json", "the JSON ends too early", "recipe.json",
		"no training in later/pictures, notes"} {
		if !strings.Contains(notes, part) {
			t.Errorf("%q lacks %q", notes, part)
		}
	}
	if _, err := Scan(t.Context(), filepath.Join(dir, "none")); err == nil {
		t.Error("a directory that does not exist is listed")
	}
}

// TestSteps computes the steps of a whole training from lines of a log: one epoch after the other, and those over pairwise alone.
func TestSteps(t *testing.T) {
	line := func(step, epoch float64) map[string]any { return map[string]any{"step": step, "epoch": epoch} }
	r := runstest.Recipe(t, "pretrain.epochs=3", "pretrain.pairwise_epochs=2", "finetune.epochs=4")
	for _, c := range []struct {
		stage string
		e     ends
		want  int // 0: not known
	}{
		{"pretrain", ends{line(1, 1./7), []map[string]any{line(21, 3)}}, 0},
		{"pretrain", ends{line(1, 1./7), []map[string]any{line(22, 3.2)}}, 31}, // 3×7 + 2×5
		{"finetune", ends{line(1, 1./7), []map[string]any{line(3, 3./7)}}, 28},
		{"finetune", ends{}, 0},
		{"finetune", ends{line(1, 0), []map[string]any{line(1, 0)}}, 0},
	} {
		got := 0
		if n := c.e.steps(c.stage, r); n != nil {
			got = *n
		}
		if got != c.want {
			t.Errorf("%s, %v: %d steps, want %d", c.stage, c.e, got, c.want)
		}
	}
}

// TestGlimpse reads the ends of a long log only.
func TestGlimpse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	var b strings.Builder
	for step := 1; step <= 5000; step++ {
		fmt.Fprintf(&b, `{"step":%d,"epoch":%g,"loss":%d}`+"\n", step, float64(step)/100, step)
	}
	filetest.Write(t, path, b.String()+`{"step":5000,"val_loss":2}`+"\n"+`{"step":5001,`)
	e := glimpse(path)
	if e.step() != 5000 || run.Number(e.first, "step") != 1 || len(e.last) > 2500 || e.scores()["val_loss"] != 2 ||
		e.scores()["loss"] != 5000 {
		t.Errorf("step %d, %d lines, %v", e.step(), len(e.last), e.scores())
	}
	if e := glimpse(path + "none"); e.step() != 0 || len(e.scores()) != 0 {
		t.Errorf("%+v", e)
	}
}

// TestWeightsAreNotRead: weights of 16 GB of holes would take long to read.
func TestWeightsAreNotRead(t *testing.T) {
	dir := runstest.Folder(t)
	d := copyRun(t, dir, runstest.Pretrain, "large")
	remove(t, filepath.Join(string(d), "vsim.json"))
	if err := os.Truncate(filepath.Join(d.Model(), run.WeightsFile), 16<<30); err != nil {
		t.Skip(err) // a file system without holes
	}
	began := time.Now()
	_, of := scan(t, dir)
	if r := of("large"); r.State != Done || r.Bytes < 16<<30 || time.Since(began) > 3*time.Second {
		t.Errorf("%s of %d bytes after %s", r.State, r.Bytes, time.Since(began))
	}
}
