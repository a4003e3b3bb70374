// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/jupyter"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run"
	"vsim/vsimlib/trainer"
	"vsim/vsimlib/workspace"
)

// TestHeadless executes all notebooks at scale tiny as vsim reproduce does, the quickstart twice: stopped in its first training
// and run again.
func TestHeadless(t *testing.T) {
	if testing.Short() {
		t.Skip("sets Jupyter up and executes a notebook")
	}
	backendstest.Backend(t) // installs the plugin where it is missing
	root, _ := committed(t)
	if _, err := jupyter.Setup(t.Context(), root, os.Stderr); err != nil {
		t.Fatal(err)
	}
	w := settle(t)
	env := environment(w)
	source, out := filepath.Join(root, "notebooks", quickstart), filepath.Join(t.TempDir(), quickstart)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var asked time.Time
	err := jupyter.Execute(ctx, root, source, out, env, func(e jupyter.Event) {
		if strings.HasPrefix(e.Text, "pretrain member1: step 1 ") {
			asked = time.Now()
			stop()
		}
	})
	if took := time.Since(asked); !errors.Is(err, context.Canceled) || took >= 6*time.Second { // the kernel's end is part of it
		t.Fatalf("stopped in a training cell: %v, %v after it was asked", err, took)
	}
	partial, err := os.ReadFile(strings.TrimSuffix(out, ".ipynb") + ".partial.ipynb")
	if err != nil || !stopWords.Match(partial) {
		t.Errorf("the stopped cell does not say how to go on (%v): %q", err,
			regexp.MustCompile(`pretrain member1: [^"\\]*`).FindAll(partial, -1))
	}
	if _, err := os.Stat(Run("member1", workspace.Pretrain).Result()); err == nil {
		t.Fatal("a pretraining that was stopped has a result")
	}
	if err := jupyter.Execute(t.Context(), root, source, out, env, nil); err != nil {
		t.Fatal(err)
	}
	everyStepOnce(t, Run("member1", workspace.Pretrain))
	for _, fault := range faults(t, out) {
		t.Error(fault)
	}
	sameLeaks(t, w)
	// The check can fail: one digit of a result changed, and the rendered table no longer is the results'.
	data, err := os.ReadFile(Results("quickstart"))
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(`"spearman": (-?)0\.\d`).ReplaceAll(data, []byte(`"spearman": ${1}0.99`))
	if bytes.Equal(changed, data) {
		t.Fatalf("no score in %s", data)
	}
	if err := os.WriteFile(Results("quickstart"), changed, 0o644); err != nil {
		t.Fatal(err)
	}
	if len(faults(t, out)) < 2 {
		t.Error("a changed result is not noticed")
	}
	if err := os.WriteFile(Results("quickstart"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	otherNotebooks(t, root, env)
}

// sameLeaks compares the leaked pairs of the quickstart's scores with those that finetuning itself counted.
func sameLeaks(t *testing.T, w workspace.Workspace) {
	t.Helper()
	var o results.Evaluation
	if err := w.ReadResults("quickstart", &o); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, s := range o.Scores {
		var r trainer.FinetuneResult
		m, err := w.Model(s.Model)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Finished(workspace.Finetune, &r); err != nil || s.Split == competition.TestA {
			continue // an ensemble, or no training's split
		}
		if compared++; s.LeakedPairs != r.LeakedPairs || s.Pairs != r.ValPairs {
			t.Errorf("%+v, but finetuning counted %+v", s, r.HeldOut)
		}
	}
	if compared == 0 {
		t.Error("nothing to compare")
	}
}

// environment is what sets the workspace of a kernel.
func environment(w workspace.Workspace) []string {
	return []string{"VSIM_SCALE=" + w.Scale, "VSIM_ROOT=" + w.Root, "VSIM_RUNS=" + w.Runs, "VSIM_FIGURES=" + w.Figures,
		"VSIM_RESULTS=" + w.Results}
}

// stopWords are what a stopped training says. The interrupt may find XLA compiling the program of the next batch's length, which
// nothing can stop: where that outlasts the cell's patience, the second of the two is said.
var stopWords = regexp.MustCompile(`pretrain member1: stopped (at step \d+[^"]*; run the cell again to go on|in the middle of a step; run the cell again to go on from the last checkpoint)`)

// otherNotebooks executes all notebooks but the quickstart, on its runs, and compares them with the results they leave. Those of
// studies run in parallel to the ones before them: a kernel waits for one linker most of its time.
func otherNotebooks(t *testing.T, root string, env []string) {
	_, paths := committed(t)
	paths = slices.DeleteFunc(paths, func(path string) bool { return filepath.Base(path) == quickstart })
	studies := slices.IndexFunc(paths, func(path string) bool { return filepath.Base(path) == "06_loss_weights.ipynb" })
	executed := map[string]string{}
	for _, path := range paths {
		executed[filepath.Base(path)] = filepath.Join(t.TempDir(), filepath.Base(path))
	}
	var wait sync.WaitGroup
	for _, sources := range [][]string{paths[:studies], paths[studies:]} {
		wait.Go(func() {
			for _, source := range sources {
				began, name := time.Now(), filepath.Base(source)
				if err := jupyter.Execute(t.Context(), root, source, executed[name], env, nil); err != nil {
					t.Error(err)
				}
				t.Logf("%s: %.0f s", name, time.Since(began).Seconds())
			}
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	for _, path := range paths {
		for _, fault := range faults(t, executed[filepath.Base(path)]) {
			t.Error(fault)
		}
	}
	// The check can fail: one digit of what a text was written from.
	path := Results("record")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(data, []byte(`"data_bytes":2`), []byte(`"data_bytes":3`), 1)
	if err := os.WriteFile(path, changed, 0o644); err != nil || bytes.Equal(changed, data) {
		t.Fatalf("no number to change in %s (%v)", data, err)
	}
	if len(faults(t, executed["01_one_record.ipynb"])) != 1 {
		t.Error("a changed result is not noticed")
	}
}

// everyStepOnce holds a run's log against the rule that each step has one line, in order.
func everyStepOnce(t *testing.T, dir run.Dir) {
	t.Helper()
	lines, err := run.ReadMetrics(dir.Metrics())
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	for _, fields := range lines {
		if _, trained := fields["loss"]; trained {
			steps++
			if fields["step"] != float64(steps) {
				t.Fatalf("step %v is logged in the place of step %d", fields["step"], steps)
			}
		}
	}
}
