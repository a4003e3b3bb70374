// SPDX-License-Identifier: Apache-2.0

// Package runstest has small runs for tests, which are trained once a process.
package runstest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/filetest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/trainer"
)

// Names of the runs in a folder.
const (
	Pretrain = "pretrain" // done
	Finetune = "finetune" // done, from the model of Pretrain, which it validates before its end too
	Stopped  = "stopped"  // a pretraining with another seed, stopped at StopStep
)

// StopStep is the step that Stopped was stopped at.
const StopStep = 2

var (
	once  sync.Once
	files fstest.MapFS
)

// Folder returns a fresh folder with the three runs.
func Folder(t testing.TB) string {
	t.Helper()
	once.Do(func() { train(t) })
	dir := filepath.Join(t.TempDir(), "runs")
	if len(files) == 0 {
		t.Fatal("the runs could not be trained")
	}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

// train makes the runs and keeps them in memory.
func train(t testing.TB) {
	t.Helper()
	backend, err := backends.OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o := trainer.Options{Backend: backend, Corpus: studytest.HeldOutCorpus(t), Recipe: Recipe(t), Out: filepath.Join(dir, Pretrain)}
	first, err := trainer.Pretrain(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	tune := o
	tune.Out, tune.Init = filepath.Join(dir, Finetune), first.Model
	if _, err := trainer.Finetune(t.Context(), tune); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Out, o.Recipe = filepath.Join(dir, Stopped), Recipe(t, "pretrain.seed=9")
	o.Report = func(p trainer.Progress) {
		if p.Step == StopStep {
			cancel()
		}
	}
	if _, err := trainer.Pretrain(ctx, o); !errors.Is(err, trainer.ErrStopped) {
		t.Fatalf("not stopped: %v", err)
	}
	files = filetest.Folder(t, dir)
}

// Recipe is that of the runs, with settings changed.
func Recipe(t testing.TB, set ...string) recipe.Recipe {
	t.Helper()
	r, err := recipe.Load("tiny")
	if err != nil {
		t.Fatal(err)
	}
	set = append(append([]string{}, studytest.Smallest...), append([]string{"pretrain.epochs=2", "pretrain.val_videos=16",
		"finetune.val_every=1"}, set...)...)
	for _, assignment := range set {
		if err := r.Set(assignment); err != nil {
			t.Fatal(err)
		}
	}
	return r
}
