// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/backends/otherbackend"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/table"
	"vsim/vsimlib/trainer"
)

// workers compute on the pure Go backend, and on that under another name.
func workers(t *testing.T) (plain, other *Worker) {
	t.Helper()
	on := func(o trainer.Options) *Worker {
		return &Worker{Device: func() (trainer.Options, error) { return o, nil }}
	}
	return on(trainer.Options{Backend: backendstest.Go(t)}), on(trainer.Options{Backend: otherbackend.Other(t)})
}

// planFor plans the study of labels, of one seed, for a backend.
func planFor(t *testing.T, backend, corpus, runs string) *study.Grid {
	t.Helper()
	s := small(t, study.Labels, corpus, runs)
	s.Backend, s.Seeds = backend, s.Seeds[:1]
	return plan(t, s)
}

// runOn runs a grid and returns its table.
func runOn(t *testing.T, g *study.Grid, w *Worker) *results.Table {
	t.Helper()
	found, err := collect(context.Background(), g, Local(w, 1), func(Event) {})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTwoBackends: in one directory of runs, two backends do each their own tasks, and the table says which backend it is of. A
// machine refuses tasks that were planned for another backend.
func TestTwoBackends(t *testing.T) {
	corpus, runs := studytest.SmallCorpus(t), t.TempDir()
	plain, other := workers(t)
	a, b := planFor(t, "go", corpus, runs), planFor(t, "other", corpus, runs)
	found := runOn(t, a, plain)
	if found.FailedCells() != 0 || len(found.Computed) != 1 || found.Computed[0].Backend != "go" || found.Mixed != "" ||
		len(found.Computed[0].Arithmetic) != 3 || found.Computed[0].CPU == "" {
		t.Errorf("%+v, mixed %q, failed %v", found.Computed, found.Mixed, found.Cells)
	}
	if text := report.StudyMarkdown(found); strings.Count(text, "\nComputed by go (") != 1 || strings.Contains(text, "mix") {
		t.Errorf("%s", text)
	}
	for _, task := range b.Tasks {
		if task.Done() {
			t.Errorf("%s of %s is taken as done on another backend", task.Kind, task.Label)
		}
	}
	if refused := runOn(t, b, plain); refused.FailedCells() != len(refused.Cells) ||
		!strings.Contains(refused.Cells[0].Errors[0].Error, "planned for the backend other, and this machine computes on go; plan it") {
		t.Errorf("%+v", refused.Cells[0].Errors)
	}
	if found := runOn(t, b, other); found.FailedCells() != 0 || found.Computed[0].Backend != "other" || len(found.Computed) != 1 {
		t.Errorf("%+v", found.Computed)
	}
}

// TestMixedBackends: tasks that any backend may compute are apart from those of one, and the table says what they mix.
func TestMixedBackends(t *testing.T) {
	corpus, runs := studytest.SmallCorpus(t), t.TempDir()
	plain, other := workers(t)
	g := planFor(t, backends.Any, corpus, runs)
	for _, task := range planFor(t, "go", corpus, runs).Tasks {
		if _, same := g.Task(task.Key); same {
			t.Errorf("%s of %s has the key of the backend go", task.Kind, task.Label)
		}
	}
	for i, task := range g.Tasks {
		w := plain
		if i%2 == 1 {
			w = other
		}
		if err := w.Run(context.Background(), g, task); err != nil {
			t.Fatal(err)
		}
	}
	found, err := table.Collect(g)
	if err != nil || len(found.Computed) != 2 || found.Mixed != "backends go, other" {
		t.Fatalf("%+v, mixed %q, %v", found.Computed, found.Mixed, err)
	}
	if text := report.StudyMarkdown(found); !strings.Contains(text, "; and other (") ||
		!strings.Contains(text, "The runs mix backends go, other.") {
		t.Errorf("%s", text)
	}
}
