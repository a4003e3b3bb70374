// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// goOptions are options of a small pretraining on the pure Go backend, which compiles at once.
func goOptions(t *testing.T, set ...string) Options {
	t.Helper()
	backend, err := backends.OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	return Options{Backend: backend, Corpus: smallCorpus(t), Recipe: smallRecipe(t, set...), Out: filepath.Join(t.TempDir(), "run")}
}

func mustFail(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range append(parts, "") {
		if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q, want one line with %q", err, part)
		}
	}
}

// TestTasks trains with each task alone: the others' losses are 0 and their heads stay as they were.
func TestTasks(t *testing.T) {
	heads := map[string]string{"loss_tag": "tag_fc.weight", "loss_mlm": "cls.predictions.decoder.weight",
		"loss_mfm": "mfm.decoder.weight"}
	for on := range heads {
		t.Run(on, func(t *testing.T) {
			o := goOptions(t, "pretrain.epochs=1")
			for name := range heads {
				if name != on {
					if err := o.Recipe.Set("pretrain.weight_" + strings.TrimPrefix(name, "loss_") + "=0"); err != nil {
						t.Fatal(err)
					}
				}
			}
			result, err := Pretrain(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			config, store, err := multimodal.Load(result.Model)
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := multimodal.NewStore(config, o.Recipe.Pretrain.Seed)
			if err != nil {
				t.Fatal(err)
			}
			for name, head := range heads {
				if trained := result.Losses[name] != 0; trained != (name == on) {
					t.Errorf("%s is %g", name, result.Losses[name])
				}
				now, was := store.GetVariable("/"+head).MustValue(), fresh.GetVariable("/"+head).MustValue()
				if now.Equal(was) != (name != on) {
					t.Errorf("%s: head %s unchanged: %v", name, head, now.Equal(was))
				}
			}
		})
	}
}

func TestNotFiniteNamesStepAndBatch(t *testing.T) {
	first := goOptions(t, "pretrain.epochs=0")
	fresh, err := Pretrain(context.Background(), first)
	if err != nil {
		t.Fatal(err)
	}
	o := goOptions(t)
	o.Corpus, o.Init = first.Corpus, poison(t, fresh.Model)
	_, err = Pretrain(context.Background(), o)
	mustFail(t, err, "pretrain: step 1", "not finite", "loss_mfm NaN", "gradients that are not finite is that of ",
		"the largest weight is 3.4e+38, in video_fc.weight", "the weights are as before this step; batch: 1")
	lines, err := run.ReadMetrics(run.Dir(o.Out).Metrics())
	if err != nil || len(lines) != 0 {
		t.Errorf("%d lines in metrics.jsonl (%v), want none for a step that did not take place", len(lines), err)
	}
}

// poison returns a copy of a model with one weight so large that the losses are not finite.
func poison(t *testing.T, dir string) string {
	t.Helper()
	config, store, err := multimodal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	list, err := multimodal.Weights(config, store)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range list {
		if w.Name == "video_fc.weight" {
			values, err := safetensors.Float32s(w)
			if err != nil {
				t.Fatal(err)
			}
			values[3] = math.MaxFloat32
			list[i] = safetensors.FromFloat32(w.Name, w.Shape, values)
		}
	}
	vocab := filepath.Join(t.TempDir(), "vocab.txt")
	data, err := os.ReadFile(filepath.Join(dir, run.VocabFile))
	if err != nil {
		t.Fatal(err)
	}
	write(t, vocab, string(data))
	other := filepath.Join(t.TempDir(), "model")
	if err := multimodal.Save(other, config, list, vocab); err != nil {
		t.Fatal(err)
	}
	return other
}

// TestRunDirectoryIsOneRun refuses another recipe, corpus, start or process in a run directory, and reuses a finished run.
func TestRunDirectoryIsOneRun(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=1")
	first, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	before := modelHash(t, first.Model)
	again, err := Pretrain(context.Background(), o)
	if err != nil || again.Steps != first.Steps || modelHash(t, first.Model) != before {
		t.Errorf("a finished run is reused: %v %v", again, err)
	}
	other := o
	other.Recipe = smallRecipe(t, "pretrain.epochs=1", "pretrain.lr_heads=0.01")
	_, err = Pretrain(context.Background(), other)
	mustFail(t, err, "pretrain.lr_heads was 0.001, is 0.01")
	other = o
	other.Corpus = smallCorpus(t)
	write(t, filepath.Join(other.Corpus, "tag_list.txt"), "700\n500\n601\n")
	_, err = Pretrain(context.Background(), other)
	mustFail(t, err, "corpus of other contents")
	other = o
	other.Init = first.Model
	_, err = Finetune(context.Background(), other)
	mustFail(t, err, "was started as a run of pretrain")
	unlock, err := run.Dir(o.Out).Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	_, err = Pretrain(context.Background(), o)
	mustFail(t, err, "run")
}

// TestTornCheckpoint flips a byte of the newest checkpoint of a stopped run: the run says so and goes on from the one before.
func TestTornCheckpoint(t *testing.T) {
	o := goOptions(t)
	whole, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Out = t.TempDir()
	stopAt(t, o, 10, pretrain)
	torn := filepath.Join(run.Dir(o.Out).Checkpoints(), "step-00000010", "weights.safetensors")
	data, err := os.ReadFile(torn)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-9] ^= 4
	write(t, torn, string(data))
	var warnings []string
	o.Warn = func(s string) { warnings = append(warnings, s) }
	again, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) == 0 || !strings.Contains(warnings[0], "step-00000010") || !strings.Contains(warnings[0], "weights.safetensors") {
		t.Errorf("warnings %q", warnings)
	}
	if modelHash(t, again.Model) != modelHash(t, whole.Model) {
		t.Error("other weights than the undisturbed run")
	}
}

func TestFinetuneRefuses(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=0", "finetune.epochs=0")
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, label string
		parts       []string
	}{
		{"unknown id", "1000\t1003\t0.5\n1000\t77\t0.25\n", []string{"label.tsv:2", "77"}},
		{"score", "1000\t1003\t1.5\n", []string{"label.tsv", "1", "1.5"}},
		{"constant", "1000\t1003\t0.5\n1000\t1006\t0.5\n", []string{"label", "0.5"}},
		{"nothing held out", "1003\t1006\t0.5\n1003\t1009\t0.25\n", []string{"split: released", "0 to validate"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := o
			o.Corpus, o.Init, o.Out = smallCorpus(t), pre.Model, filepath.Join(t.TempDir(), "run")
			write(t, filepath.Join(o.Corpus, "pairwise", "label.tsv"), c.label)
			_, err := Finetune(context.Background(), o)
			mustFail(t, err, c.parts...)
		})
	}
	o.Out, o.Init = filepath.Join(t.TempDir(), "run"), ""
	_, err = Finetune(context.Background(), o)
	mustFail(t, err, "no model to start from")
}

// TestSetAgainstInit lets explicit settings change what is free, and refuses what the weights decide.
func TestSetAgainstInit(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=0")
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Init, o.Out, o.Set = pre.Model, filepath.Join(t.TempDir(), "run"), []string{"model.layout=frames_first"}
	if _, err := Pretrain(context.Background(), o); err != nil {
		t.Errorf("layout is free: %v", err)
	}
	o.Out, o.Set = filepath.Join(t.TempDir(), "run"), []string{"model.hidden_size=24"}
	_, err = Pretrain(context.Background(), o)
	mustFail(t, err, "model.hidden_size", pre.Model)
}

// TestNoTagList pretrains on masked tokens and frames alone where a corpus has no tag list.
func TestNoTagList(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=1")
	if err := os.Remove(filepath.Join(o.Corpus, "tag_list.txt")); err != nil {
		t.Fatal(err)
	}
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if pre.Losses["loss_tag"] != 0 || pre.Losses["loss_mlm"] == 0 {
		t.Errorf("losses %v", pre.Losses)
	}
	o.Init, o.Out = pre.Model, filepath.Join(t.TempDir(), "fine")
	if _, err := Finetune(context.Background(), o); err != nil {
		t.Error(err)
	}
}

// TestSelfPair trains on pairs of a video with itself as on any other: with labels of 1 their loss is 0 from the start.
func TestSelfPair(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=0", "model.hidden_dropout_prob=0", "model.attention_probs_dropout_prob=0",
		"finetune.batch=4", "finetune.val_every=0")
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	var labels strings.Builder
	for id := 1003; id < 1090; id += 3 {
		score := 1.0
		if id%5 == 0 { // held out
			score = 0.05 * float64(id%4)
		}
		fmt.Fprintf(&labels, "%d\t%d\t%.2f\n", id, id, score)
	}
	fmt.Fprintf(&labels, "1000\t1015\t0.5\n")
	write(t, filepath.Join(o.Corpus, "pairwise", "label.tsv"), labels.String())
	o.Init, o.Out = pre.Model, filepath.Join(t.TempDir(), "run")
	if _, err := Finetune(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	lines, err := run.ReadMetrics(run.Dir(o.Out).Metrics())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if loss, ok := line["loss"].(float64); ok && loss > 1e-10 {
			t.Errorf("step %v: loss %g of self pairs", line["step"], loss)
		}
	}
}

// TestForce starts afresh, but neither on a recipe that fails nor over the model that it starts from.
func TestForce(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=1")
	first, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	before := modelHash(t, first.Model)
	o.Force = true
	bad := o
	bad.Recipe = smallRecipe(t, "model.frame_dim=8")
	_, err = Pretrain(context.Background(), bad)
	mustFail(t, err, "frame_dim")
	own := o
	own.Init = first.Model
	_, err = Finetune(context.Background(), own)
	mustFail(t, err, "is in", first.Model)
	if modelHash(t, first.Model) != before {
		t.Fatal("the earlier run is gone")
	}
	o.Recipe = smallRecipe(t, "pretrain.epochs=1", "pretrain.seed=9")
	if _, err := Pretrain(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if modelHash(t, first.Model) == before {
		t.Error("not trained anew")
	}
}

// TestMendedInput lets the same line run once what it failed on is mended.
func TestMendedInput(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=0")
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Init, o.Out = pre.Model, filepath.Join(t.TempDir(), "run")
	label := filepath.Join(o.Corpus, "pairwise", "label.tsv")
	good, err := os.ReadFile(label)
	if err != nil {
		t.Fatal(err)
	}
	write(t, label, string(good)+"1000\t77\t0.5\n")
	_, err = Finetune(context.Background(), o)
	mustFail(t, err, "label.tsv", "77")
	write(t, label, string(good))
	if _, err := Finetune(context.Background(), o); err != nil {
		t.Error(err)
	}
}

// TestUnusedParts trains though a part that the stage does not read is damaged.
func TestUnusedParts(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=1")
	write(t, filepath.Join(o.Corpus, "test_a", "test_a.tfrecords"), "damaged")
	if _, err := Pretrain(context.Background(), o); err != nil {
		t.Error(err)
	}
	o = goOptions(t, "pretrain.epochs=1", "pretrain.include_tests=true")
	write(t, filepath.Join(o.Corpus, "test_a", "test_a.tfrecords"), "damaged")
	_, err := Pretrain(context.Background(), o)
	mustFail(t, err, "test_a.tfrecords")
}

// TestMaxPointwise trains on the first videos of pointwise and on all of pairwise.
func TestMaxPointwise(t *testing.T) {
	for _, c := range []struct{ most, videos int }{{0, 41}, {33, 33}, {7, 31}, {99, 41}} { // the first 31 of pointwise are pairwise's
		o := goOptions(t, "pretrain.epochs=1", fmt.Sprintf("pretrain.max_pointwise=%d", c.most))
		r, err := Pretrain(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Videos != c.videos {
			t.Errorf("at most %d: %d videos, want %d", c.most, r.Videos, c.videos)
		}
	}
}
