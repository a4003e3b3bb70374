// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vsim/vsimlib/checkpoint/saver"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
)

// checkpointsOf lists the checkpoints of a run.
func checkpointsOf(t *testing.T, out string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(run.Dir(out).Checkpoints())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestFinishedRunKeepsItsLastCheckpoint, with the best one where that is the model's; the freed bytes are reported, and a lost
// model is made again of what is left, without a step. A recipe may keep all.
func TestFinishedRunKeepsItsLastCheckpoint(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=2", "pretrain.checkpoint_every=2", "finetune.epochs=1", "finetune.checkpoint_every=1",
		"finetune.val_every=1", "finetune.select=best", "finetune.loss=softmax_pearson")
	var freed []Progress
	o.Report = func(p Progress) {
		if p.Stage == Freed {
			freed = append(freed, p)
		}
	}
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if left := checkpointsOf(t, o.Out); len(left) != 1 {
		t.Errorf("a finished pretraining has %v", left)
	}
	if len(freed) != 1 || freed[0].Done <= 0 || freed[0].Total <= freed[0].Done || !strings.Contains(freed[0].Work(), "freed") {
		t.Errorf("reported %+v", freed)
	}
	before := modelHash(t, pre.Model)
	lost := run.Dir(o.Out)
	for _, path := range []string{lost.Result(), filepath.Join(lost.Model(), run.WeightsFile)} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	again := o
	again.Report = func(p Progress) {
		if p.Trained() {
			t.Errorf("step %d is made again", p.Step)
		}
	}
	if _, err := Pretrain(context.Background(), again); err != nil || modelHash(t, pre.Model) != before {
		t.Errorf("the model made again differs: %v", err)
	}
	fine := o
	fine.Init, fine.Out = pre.Model, filepath.Join(t.TempDir(), "fine")
	tuned, err := Finetune(context.Background(), fine)
	if err != nil {
		t.Fatal(err)
	}
	left := checkpointsOf(t, fine.Out)
	if n := len(left); n != 2 || !strings.HasPrefix(left[0], "best-") || !strings.HasPrefix(left[1], "step-") {
		t.Errorf("a finished finetuning has %v", left)
	}
	before = modelHash(t, tuned.Model)
	if err := os.Remove(run.Dir(fine.Out).Result()); err != nil {
		t.Fatal(err)
	}
	if _, err := Finetune(context.Background(), fine); err != nil || modelHash(t, tuned.Model) != before {
		t.Errorf("the finetuned model made again differs: %v", err)
	}
	kept := o
	kept.Out, kept.Recipe = filepath.Join(t.TempDir(), "kept"), kept.Recipe.Clone()
	kept.Recipe.Pretrain.CheckpointKeep = true
	for range 2 { // a finished run, too
		if _, err := Pretrain(context.Background(), kept); err != nil {
			t.Fatal(err)
		}
		if left := checkpointsOf(t, kept.Out); len(left) != saver.Keep {
			t.Errorf("a run that keeps its checkpoints has %v", left)
		}
	}
}

// TestFinishedByAnOlderVersion: a run without a manifest, which has all its checkpoints, is thinned when it is called again, and
// from then on complete.
func TestFinishedByAnOlderVersion(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=2", "pretrain.checkpoint_every=2", "pretrain.checkpoint_keep=true")
	if _, err := Pretrain(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	dir := run.Dir(o.Out)
	o.Recipe = smallRecipe(t, "pretrain.epochs=2", "pretrain.checkpoint_every=2")
	old, err := os.ReadFile(dir.Recipe())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir.Recipe(), regexp.MustCompile(`,\s*"checkpoint_keep": true`).ReplaceAllString(string(old), ""))
	if err := os.Remove(filepath.Join(o.Out, outdir.MarkerFile)); err != nil {
		t.Fatal(err)
	}
	var warnings []string
	o.Warn = func(s string) { warnings = append(warnings, s) }
	for call := range 2 {
		if _, err := Pretrain(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		if left := checkpointsOf(t, o.Out); len(left) != 1 || len(warnings) != 1 {
			t.Errorf("call %d: checkpoints %v, warnings %q", call+1, left, warnings)
		}
	}
}

// TestMovedRun: a run that is done elsewhere than it was made names the model that is there, also where that is made again.
func TestMovedRun(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=1", "finetune.epochs=1")
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	fine := o
	fine.Init, fine.Out = pre.Model, filepath.Join(t.TempDir(), "fine")
	if _, err := Finetune(context.Background(), fine); err != nil {
		t.Fatal(err)
	}
	for _, remove := range []bool{false, true} {
		for _, from := range []string{o.Out, fine.Out} {
			moved := run.Dir(filepath.Join(t.TempDir(), "moved"))
			if err := os.CopyFS(string(moved), os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			if remove {
				if err := os.Remove(filepath.Join(moved.Model(), run.WeightsFile)); err != nil {
					t.Fatal(err)
				}
			}
			var model string
			if from == o.Out {
				again := o
				again.Out = string(moved)
				var r PretrainResult
				r, err = Pretrain(context.Background(), again)
				model = r.Model
			} else {
				again := fine
				again.Out = string(moved)
				var r FinetuneResult
				r, err = Finetune(context.Background(), again)
				model = r.Model
			}
			if err != nil || model != moved.Model() {
				t.Errorf("%s, weights removed %t: model %s, %v", moved, remove, model, err)
			}
		}
	}
}
