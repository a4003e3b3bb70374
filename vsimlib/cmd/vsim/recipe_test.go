// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// TestRecipe prints the settings of a preset, a file, a run and a member, changed and resolved; as JSON they are a recipe.
func TestRecipe(t *testing.T) {
	o := vsim(t, "recipe", "tiny", "--member", "4", "--set", "pretrain.lr_heads=0.5").ended(exitDone)
	for _, line := range []string{"pretrain.seed=301\n", "model.pooling=masked_attention\n", "pretrain.lr_heads=0.5\n",
		"model.vocab_size=0\n", "pretrain.weight_tag=null\n", "ensemble.members=1,2,3,4,5,6\n"} {
		if !strings.Contains(o.out, line) {
			t.Errorf("%s\nlacks %q: %s", o.line, line, o.out)
		}
	}
	if vsim(t, "recipe").ended(exitDone).out != vsim(t, "recipe", "demo").ended(exitDone).out {
		t.Error("without a name it is not demo")
	}
	o = vsim(t, "recipe", "demo", "--corpus", emojiDir, "--json").ended(exitDone)
	o.has("model", "pretrain", "finetune", "ensemble")
	r, err := recipe.Decode([]byte(o.out))
	if err != nil || r.Model.VocabSize != 21128 || r.Model.NumTags != 663 || *r.Pretrain.WeightTag != 27.625 {
		t.Errorf("%+v, %v", r, err)
	}
	file := writeText(t, filepath.Join(t.TempDir(), "mine.json"), o.out)
	if again := vsim(t, "recipe", file, "--json").ended(exitDone); again.out != o.out {
		t.Errorf("the file's settings are %s", again.out)
	}
	dir := run.Dir(t.TempDir())
	writeText(t, dir.Recipe(), o.out)
	if again := vsim(t, "recipe", string(dir), "--json").ended(exitDone); again.out != o.out {
		t.Errorf("the run's settings are %s", again.out)
	}
	vsim(t, "recipe", "tinny").failed(exitUsage, `recipe: recipe "tinny": neither a preset`)
	vsim(t, "recipe", "tiny", "--member", "7").failed(exitUsage, "there are 1 to 6")
	vsim(t, "recipe", "tiny", "--set", "a.b=1").failed(exitUsage, `unknown section "a"; there are model, pretrain, finetune, ensemble`)
	vsim(t, "recipe", "tiny", "--corpus", filepath.Join(string(dir), "none")).failed(exitFailed, "none")
	vsim(t, "recipe", filepath.Join(string(dir), "none.json")).failed(exitFailed, "none.json")
}

// TestHelpSettings explains every setting of the presets, or those that are named.
func TestHelpSettings(t *testing.T) {
	o := vsim(t, "help", "settings").ended(exitDone)
	r, _ := recipe.Preset("demo")
	for _, s := range r.Assignments() {
		if !strings.Contains(o.out, "\n"+s.Name+": ") && !strings.HasPrefix(o.out, s.Name+": ") {
			t.Errorf("%s is not explained", s.Name)
		}
	}
	for line := range strings.Lines(o.out) {
		if strings.HasPrefix(line, " ") && len([]rune(line)) > 101 {
			t.Errorf("too long: %q", line)
		}
	}
	one := vsim(t, "help", "settings", "pretrain.epochs").ended(exitDone)
	if want := "pretrain.epochs: whole number; tiny 1, demo 10, paper 40\n" +
		"    passes over the videos; 0 leaves the model as it starts. Paper: 40\n"; one.out != want {
		t.Errorf("%q, want %q", one.out, want)
	}
	if part := vsim(t, "help", "settings", "ensemble", "--json").ended(exitDone).object()["settings"].([]any); len(part) != 3 {
		t.Errorf("ensemble has %v", part)
	}
	vsim(t, "help", "settings", "pretrain.epoch").failed(exitUsage, `nearest is "pretrain.epochs"`)
	vsim(t, "help", "settings", "pretraining").failed(exitUsage, `unknown section "pretraining"`)
	if o := vsim(t, "__complete", "help", "sett").ended(exitDone); !strings.HasPrefix(o.out, "settings\t") {
		t.Errorf("sett completes to %q", o.out)
	}
}

// TestRunAsModel: a run directory stands for its model, one without says how far it is; a run that is done says so.
func TestRunAsModel(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	fresh := freshModel(t)
	train := []string{"--corpus", emojiDir, "--recipe", "tiny", "--set", "pretrain.epochs=0"}
	if o := vsim(t, append([]string{"pretrain", "--out", fresh}, train...)...).ended(exitDone); !strings.HasPrefix(o.out,
		"done before: no step of pretraining (pretrain.epochs=0); the model is as it starts\n") {
		t.Errorf("stdout %q", o.out)
	}
	again := filepath.Join(t.TempDir(), "again")
	o := vsim(t, append([]string{"pretrain", "--out", again, "--init", fresh}, train...)...).ended(exitDone)
	if !strings.HasPrefix(o.out, "no step of pretraining") || hashOf(t, filepath.Join(run.Dir(again).Model(), run.WeightsFile)) !=
		hashOf(t, filepath.Join(run.Dir(fresh).Model(), run.WeightsFile)) {
		t.Errorf("stdout %q, or another model", o.out)
	}
	stopped := run.Dir(t.TempDir())
	writeText(t, stopped.Identity(), `{"stage":"pretrain"}`)
	writeText(t, stopped.Recipe(), "{}")
	writeText(t, stopped.Metrics(), `{"step":15,"epoch":0.4,"loss":3}`+"\n")
	const far = "is a run without a model, stopped at step 15, epoch 0.4 of 10"
	vsim(t, append([]string{"finetune", "--out", filepath.Join(t.TempDir(), "f"), "--init", string(stopped)}, train...)...).
		failed(exitFailed, "finetune: --init "+string(stopped), far)
	embed := []string{"embed", "--records", filepath.Join(emojiDir, "test_a", "test_a.tfrecords"), "--out",
		filepath.Join(t.TempDir(), "e"), "--model"}
	vsim(t, append(embed, string(stopped))...).failed(exitFailed, "embed: --model "+string(stopped), far)
	vsim(t, append(embed, t.TempDir())...).failed(exitFailed, "no model directory (it has no model.safetensors)")
	vsim(t, append([]string{"finetune", "--out", fresh, "--init", fresh, "--set", "finetune.batch=3"}, train...)...).
		failed(exitFailed, "was started as a run of pretrain")
}
