// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"vsim/vsimlib/run"
)

// noDropout makes a step the same however it is split.
var noDropout = []string{"model.hidden_dropout_prob=0", "model.attention_probs_dropout_prob=0"}

// lossLines are the losses of every training step of a run, by name, and its grad_norm.
func lossLines(t *testing.T, out string) map[string][]float64 {
	t.Helper()
	lines, err := run.ReadMetrics(run.Dir(out).Metrics())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]float64{}
	for _, line := range lines {
		if _, trained := line["loss"]; !trained {
			continue
		}
		if step := line["step"].(float64); int(step) != len(all["loss"])+1 {
			t.Fatalf("line of step %v after %d", step, len(all["loss"]))
		}
		for name, v := range run.Numbers(line, "loss") {
			all[name] = append(all[name], v)
		}
		norm, ok := line["grad_norm"].(float64)
		if !ok || !(norm >= 0) {
			t.Fatalf("grad_norm is %v", line["grad_norm"])
		}
		all["grad_norm"] = append(all["grad_norm"], norm)
	}
	return all
}

// nearLosses compares step by step within a share of the value.
func nearLosses(t *testing.T, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%d steps, want %d", len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tol*max(math.Abs(want[i]), 0.01)) {
			t.Errorf("step %d: loss %.8g, want %.8g", i+1, got[i], want[i])
		}
	}
}

// TestAccumulate trains on whole batches and on the same ones in micro-batches, of which some have no masked token, frame or tag.
// The losses are the same over all steps, so the gradients are; but a masked frame that is compared with the frames of its
// micro-batch alone is found more easily.
func TestAccumulate(t *testing.T) {
	o := goOptions(t, append(noDropout, "pretrain.weight_mfm=0", "pretrain.include_tests=true", "finetune.accumulate=1")...)
	dir := t.TempDir()
	train := func(name string, stage func(context.Context, Options) error, set ...string) map[string][]float64 {
		t.Helper()
		o := o
		o.Recipe, o.Out = o.Recipe.Clone(), filepath.Join(dir, name)
		for _, s := range set {
			if err := o.Recipe.Set(s); err != nil {
				t.Fatal(err)
			}
		}
		if err := stage(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		return lossLines(t, o.Out)
	}
	whole := train("whole", pretrain)
	for _, k := range []string{"2", "6"} {
		split := train("split"+k, pretrain, "pretrain.accumulate="+k)
		for _, name := range []string{"loss", "loss_tag", "loss_mlm"} {
			nearLosses(t, split[name], whole[name], 1e-5)
		}
		nearLosses(t, split["grad_norm"], whole["grad_norm"], 1e-3)
		if slices.Min(split["grad_norm"]) == 0 {
			t.Errorf("a step has no gradient: %v", split["grad_norm"])
		}
	}
	frames := train("frames", pretrain, "pretrain.weight_mfm=0.1", "pretrain.lr_encoder=0", "pretrain.lr_heads=0")["loss_mfm"]
	fewer := train("fewer", pretrain, "pretrain.weight_mfm=0.1", "pretrain.lr_encoder=0", "pretrain.lr_heads=0",
		"pretrain.accumulate=3")["loss_mfm"]
	for i := range frames {
		if slices.Max(frames) == 0 || fewer[i] > frames[i]+1e-6 || frames[i] > 0 && fewer[i] == frames[i] {
			t.Errorf("step %d: loss_mfm %g among the frames of a micro-batch, %g among those of the batch", i+1, fewer[i], frames[i])
		}
	}
	o.Init = run.Dir(filepath.Join(dir, "whole")).Model()
	pairs := train("pairs", finetune)
	nearLosses(t, train("pairs4", finetune, "finetune.accumulate=4")["loss"], pairs["loss"], 1e-5)
}

// TestResumeAccumulated stops an accumulated run after every step, goes on and compares it with an undisturbed one, with dropout.
func TestResumeAccumulated(t *testing.T) {
	base := goOptions(t, "pretrain.accumulate=3", "finetune.accumulate=2", "pretrain.epochs=1", "model.gradient_checkpointing=true")
	pre, err := Pretrain(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	for stop := 1; stop < pre.Steps; stop++ {
		stopAndGoOn(t, base, stop, pretrain, pre.Model)
	}
	tune := base
	tune.Init, tune.Out = pre.Model, t.TempDir()
	fine, err := Finetune(context.Background(), tune)
	if err != nil {
		t.Fatal(err)
	}
	stopAndGoOn(t, tune, 3, finetune, fine.Model)
}

// TestResumeAccumulatedXLA does so once on XLA:CPU.
func TestResumeAccumulatedXLA(t *testing.T) {
	if testing.Short() {
		t.Skip("three compilations of XLA")
	}
	base := xlaOptions(t, "pretrain.val_videos=0", "pretrain.accumulate=2", "pretrain.epochs=1", "model.num_hidden_layers=1",
		"pretrain.weight_mlm=0", "pretrain.weight_mfm=0")
	pre, err := Pretrain(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	stopAndGoOn(t, base, 2, pretrain, pre.Model)
}

func TestNotFiniteAccumulated(t *testing.T) {
	first := goOptions(t, "pretrain.epochs=0")
	fresh, err := Pretrain(context.Background(), first)
	if err != nil {
		t.Fatal(err)
	}
	o := goOptions(t, "pretrain.accumulate=2")
	o.Corpus, o.Init = first.Corpus, poison(t, fresh.Model)
	_, err = Pretrain(context.Background(), o)
	mustFail(t, err, "pretrain: step 1", "not finite", "loss_mfm NaN", "gradients that are not finite is that of ",
		"the largest weight is 3.4e+38, in video_fc.weight", "batch: 1")
}

func TestAccumulateRefuses(t *testing.T) {
	_, err := Pretrain(context.Background(), goOptions(t, "pretrain.accumulate=4"))
	mustFail(t, err, "pretrain.accumulate: 4 does not divide batch 6")
	_, err = Pretrain(context.Background(), goOptions(t, "pretrain.batch=60", "pretrain.accumulate=3"))
	mustFail(t, err, "41 examples, fewer than pretrain.batch", "accumulate 3 does not divide")
}
