// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/task"
)

// TestRace lets two workers run one grid at the same time: every task is done once, and both make the same table.
func TestRace(t *testing.T) {
	studytest.OnGo(t)
	corpus, runs, l := studytest.SmallCorpus(t), t.TempDir(), newLedger()
	var wait sync.WaitGroup
	tables := make([]*results.Table, 2)
	for i := range tables {
		g := plan(t, small(t, "labels", corpus, runs))
		wait.Go(func() {
			var err error
			if tables[i], err = l.local(context.Background(), g, 1, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	if written(t, tables[0]) != written(t, tables[1]) {
		t.Error("two tables")
	}
	l.check(t, plan(t, small(t, "labels", corpus, runs)))
	for key, times := range l.begun {
		if times != 1 {
			t.Errorf("task %s was begun %d times", key, times)
		}
	}
}

// TestFailedCell lists a cell that cannot be trained, and why, in one line without places; the others are scored, and a second
// run tries it again. A task behind a failed one is not run.
func TestFailedCell(t *testing.T) {
	studytest.OnGo(t)
	corpus, runs := studytest.SmallCorpus(t), t.TempDir()
	bad := func() *study.Grid {
		s := small(t, "labels", corpus, runs)
		s.Cells = append(s.Cells, study.Cell{Label: "bad", Set: []string{"model.frame_dim=8"}})
		return plan(t, s)
	}
	for range 2 {
		l, g := newLedger(), bad()
		failed, blocked := 0, 0
		table, err := l.local(context.Background(), g, 2, func(e Event) {
			switch e.State {
			case Failed:
				failed++
			case Blocked:
				blocked++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if failed != 2 || blocked != 4 { // two seeds; finetune and embed
			t.Errorf("%d failed, %d blocked", failed, blocked)
		}
		last := table.Cells[2]
		if table.FailedCells() != 1 || last.Spearman != nil || last.Scores[0] != nil || last.Difference != nil || len(last.Errors) != 2 {
			t.Errorf("row %+v", last)
		}
		if e := last.Errors[0]; e.Seed != 1 || e.Task != string(task.Pretrain) || !strings.Contains(e.Error, "frame_dim") ||
			strings.Contains(e.Error, runs) || strings.ContainsRune(e.Error, '\n') {
			t.Errorf("failure %+v", e)
		}
		if table.Cells[0].Spearman == nil || table.Cells[1].Difference == nil {
			t.Error("a good cell has no score")
		}
		if text := report.StudyMarkdown(table); !strings.Contains(text, "Failed: bad, seed 1, pretrain: ") ||
			!strings.Contains(text, "| bad | failed failed |") {
			t.Errorf("markdown\n%s", text)
		}
	}
}

// TestElsewhere: a task that another process is at comes last, and is waited for.
func TestElsewhere(t *testing.T) {
	studytest.OnGo(t)
	g := plan(t, small(t, "labels", studytest.SmallCorpus(t), t.TempDir()))
	held := g.Tasks[0] // the pretraining of the first seed
	unlock, err := run.Dir(held.Dir).Lock()
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	_, err = newLedger().local(t.Context(), g, 1, func(e Event) {
		if e.State != Done {
			return
		}
		if order = append(order, e.Task.Key); len(order) == len(g.Tasks)/2 { // all of the other seed's
			unlock()
		}
	})
	if err != nil || len(order) != len(g.Tasks) {
		t.Fatalf("%d of %d tasks are done: %v", len(order), len(g.Tasks), err)
	}
	for _, key := range order[:len(g.Tasks)/2] {
		if task, _ := g.Task(key); slices.Contains(task.Needs, held.Key) || key == held.Key {
			t.Errorf("%s was done while another had %s", task.Label, held.Label)
		}
	}
}

// TestNeeds refuses a task whose needs are not done, as it may come from another process.
func TestNeeds(t *testing.T) {
	studytest.OnGo(t)
	g := plan(t, small(t, "labels", studytest.SmallCorpus(t), t.TempDir()))
	last := g.Tasks[len(g.Tasks)-1]
	if err := (&Worker{}).Run(context.Background(), g, last); err == nil || !strings.Contains(err.Error(), "is not done") ||
		!strings.Contains(err.Error(), last.Needs[0]) {
		t.Errorf("error %v", err)
	}
	if last.Failure() != "" {
		t.Error("what was never run has failed")
	}
}

// TestNoCellScored tables a study of which nothing worked.
func TestNoCellScored(t *testing.T) {
	studytest.OnGo(t)
	g := plan(t, small(t, "labels", studytest.SmallCorpus(t), t.TempDir(), "model.frame_dim=8"))
	table, err := collect(context.Background(), g, Local(&Worker{}, 1), func(Event) {})
	if err != nil {
		t.Fatal(err)
	}
	if table.FailedCells() != 2 {
		t.Errorf("%d cells failed", table.FailedCells())
	}
	_ = written(t, table)
}
