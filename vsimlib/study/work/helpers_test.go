// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/filetest"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/table"
)

// small is a study of the studytest.Smallest trainings.
func small(t *testing.T, name, corpus, runs string, set ...string) *study.Study {
	t.Helper()
	s, err := study.New(name, study.Options{Scale: study.Tiny, Corpus: corpus, Runs: runs, Backend: backends.Go,
		Set: append(append([]string(nil), studytest.Smallest...), set...)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plan(t *testing.T, s *study.Study) *study.Grid {
	t.Helper()
	g, err := s.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// trained has the runs of finish, once they were made.
var trained struct {
	sync.Mutex
	files fstest.MapFS
}

// finish does all tasks of the study "labels" of a small corpus in a folder of runs: the first time by training, later by a copy.
func finish(t *testing.T, corpus, runs string) {
	t.Helper()
	trained.Lock()
	defer trained.Unlock()
	if trained.files != nil {
		if err := os.CopyFS(runs, trained.files); err != nil {
			t.Fatal(err)
		}
		return
	}
	if _, err := newLedger().local(t.Context(), plan(t, small(t, "labels", corpus, runs)), 1, nil); err != nil {
		t.Fatal(err)
	}
	trained.files = filetest.Folder(t, runs)
}

// ledger counts how often each task was begun and ended by those who told it.
type ledger struct {
	mu           sync.Mutex
	begun, ended map[string]int
}

func newLedger() *ledger { return &ledger{begun: map[string]int{}, ended: map[string]int{}} }

// local works on a grid and enters what it does.
func (l *ledger) local(ctx context.Context, g *study.Grid, jobs int, each func(Event)) (*results.Table, error) {
	began := map[string]bool{}
	return collect(ctx, g, Local(&Worker{}, jobs), func(e Event) {
		l.mu.Lock()
		switch {
		case e.State == Running && !began[e.Task.Key]:
			began[e.Task.Key] = true
			l.begun[e.Task.Key]++
		case e.State == Done && began[e.Task.Key]:
			l.ended[e.Task.Key]++
		}
		l.mu.Unlock()
		if each != nil {
			each(e)
		}
	})
}

// written are the bytes of a table's two files.
func written(t *testing.T, made *results.Table) string {
	t.Helper()
	path, err := report.WriteStudy(t.TempDir(), "table", made)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range []string{path, filepath.Join(filepath.Dir(path), "table.md")} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}

// collect brings a grid to its end and tables it.
func collect(ctx context.Context, g *study.Grid, exec Executor, tell func(Event)) (*results.Table, error) {
	if err := exec(ctx, g, tell); err != nil {
		return nil, err
	}
	return table.Collect(g)
}
