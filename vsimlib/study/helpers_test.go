// SPDX-License-Identifier: Apache-2.0

package study

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/synth"
)

// onGo computes on the pure Go backend, which compiles at once.
func onGo(t *testing.T) {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "go")
}

// smallCorpus is generated, with few videos; what is trained on is scored.
func smallCorpus(t *testing.T) string {
	t.Helper()
	dir := heldOutCorpus(t)
	for from, to := range map[string]string{"pairwise.tfrecords": "test_a.tfrecords", "label.tsv": "label.tsv"} {
		data, err := os.ReadFile(filepath.Join(dir, "pairwise", from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "test_a"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "test_a", to), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// heldOutCorpus has no test part, so that the held-out pairs are scored.
func heldOutCorpus(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small")
	if _, err := synth.Write(context.Background(), synth.Options{Out: dir, Like: synth.Controlled, Pointwise: 40, Pairs: 200, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "test_a")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// smallest are settings under which a training takes a fraction of a second.
var smallest = []string{"model.hidden_size=8", "model.intermediate_size=8", "model.embedding_dim=6", "model.max_frames=2", "model.max_text=6",
	"pretrain.batch=32", "pretrain.val_videos=0", "pretrain.checkpoint_every=1", "finetune.batch=64", "finetune.max_pairs=128",
	"finetune.checkpoint_every=1", "finetune.val_every=0", "finetune.select=last"}

// small is a study of the smallest trainings.
func small(t *testing.T, name, corpus, runs string, set ...string) *Study {
	t.Helper()
	s, err := New(name, Options{Scale: Tiny, Corpus: corpus, Runs: runs, Set: append(append([]string(nil), smallest...), set...)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plan(t *testing.T, s *Study) *Grid {
	t.Helper()
	g, err := s.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// ledger counts how often each task was begun and ended by those who told it.
type ledger struct {
	mu           sync.Mutex
	begun, ended map[string]int
}

func newLedger() *ledger { return &ledger{begun: map[string]int{}, ended: map[string]int{}} }

// local works on a grid and enters what it does.
func (l *ledger) local(ctx context.Context, g *Grid, jobs int, each func(Event)) (*results.Table, error) {
	began := map[string]bool{}
	return Run(ctx, g, Local(&Worker{}, jobs), func(e Event) {
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
func written(t *testing.T, table *results.Table) string {
	t.Helper()
	path, err := report.WriteStudy(t.TempDir(), "table", table)
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
