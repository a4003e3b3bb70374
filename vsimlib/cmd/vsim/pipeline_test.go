// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vsim/vsimlib/run"
)

// TestPipeline goes the way of the README on the shipped corpus, with every result in JSON.
func TestPipeline(t *testing.T) {
	onCPU(t)
	fresh, dir := run.Dir(freshModel(t)).Model(), t.TempDir()
	tuned, out := filepath.Join(dir, "finetune"), filepath.Join(dir, "test_a.safetensors")
	args := []string{"finetune", "--corpus", emojiDir, "--recipe", "tiny", "--member", "2", "--set", "finetune.max_pairs=128",
		"--set", "finetune.split=strict", "--init", fresh, "--out", tuned, "--json"}
	o := vsim(t, args...).ended(exitDone)
	v := o.has("steps", "val_spearman", "val_mse", "split", "model")
	if v["split"] != "strict" || v["steps"] != 4. {
		t.Errorf("split %v, %v steps", v["split"], v["steps"])
	}
	if !strings.Contains(o.stderr, "vsim: warning: member 2 has model.layout=frames_first") ||
		!strings.Contains(o.stderr, "val_spearman") {
		t.Errorf("stderr %q", o.stderr)
	}
	model := run.Dir(tuned).Model()
	vsim(t, "embed", "--model", model, "--records", filepath.Join(emojiDir, "test_a", "test_a.tfrecords"), "--out",
		out).ended(exitDone)
	v = vsim(t, "eval", "--embeddings", out, "--labels", filepath.Join(emojiDir, "test_a", "label.tsv"),
		"--json").ended(exitDone).object()
	near(t, "pairs", v["pairs"], 2893, 0)
	vsim(t, "finetune", "--corpus", emojiDir, "--recipe", "tiny", "--set", "finetune.split=component", "--init", fresh, "--out",
		filepath.Join(dir, "c")).
		failed(exitFailed, "component", "12000")
}

// TestDataCheck: the shipped corpus is good, and the report is whole.
func TestDataCheck(t *testing.T) {
	o := vsim(t, "data", "check", emojiDir, "--json").ended(exitDone)
	v := o.has("parts", "errors")
	if list, ok := v["errors"].([]any); !ok || len(list) != 0 || o.stderr != "" {
		t.Errorf("errors %v, stderr %q", v["errors"], o.stderr)
	}
	parts := v["parts"].(map[string]any)
	for name, records := range map[string]float64{"pointwise": 1147, "pairwise": 964, "test_a": 322, "test_b": 321} {
		near(t, name, parts[name].(map[string]any)["records"], records, 0)
	}
	if o := vsim(t, "data", "check", emojiDir).ended(exitDone); !strings.Contains(o.out, "pairwise   964 videos") {
		t.Errorf("stdout %q", o.out)
	}
}

func TestImport(t *testing.T) {
	from, out := filepath.Join("..", "..", "huggingface", "testdata", "tiny", "model"), filepath.Join(t.TempDir(), "model")
	args := []string{"import", "--hf", from, "--out", out, "--set", "model.frame_dim=16"}
	v := vsim(t, append(args, "--json")...).ended(exitDone).has("taken", "created", "skipped")
	for _, key := range []string{"taken", "created", "skipped"} {
		if _, ok := v[key].([]any); !ok {
			t.Errorf("%s is %v, want a list", key, v[key])
		}
	}
	before := snapshot(t, out)
	again := vsim(t, append(args, "--json")...).ended(exitDone).has("taken", "created", "skipped")
	if o := vsim(t, args...).ended(exitDone); !strings.Contains(o.out, "done before: model: ") || !reflect.DeepEqual(v, again) {
		t.Errorf("stdout %q; was %v, is %v", o.out, v, again)
	}
	vsim(t, append(args, "--seed", "7")...).failed(exitFailed, "exists; --force overwrites it")
	pickled := t.TempDir()
	writeText(t, filepath.Join(pickled, "pytorch_model.bin"), "\x80\x02")
	vsim(t, "import", "--hf", pickled, "--out", out, "--force").failed(exitFailed, "pytorch_model.bin", "python3 -c")
	vsim(t, "import", "--hf", filepath.Join(pickled, "none"), "--out", out, "--force").failed(exitFailed, "none")
	vsim(t, append(args, "--force", "--set", "model.hidden_size=48")...).failed(exitFailed, "hidden_size", "contradicts")
	if !sameFiles(before, snapshot(t, out)) {
		t.Error("a failure changed the model")
	}
	if o := vsim(t, append(args, "--force")...).ended(exitDone); !strings.Contains(o.out, "new      ") ||
		!strings.HasSuffix(o.out, "model: "+out+"\n") {
		t.Errorf("stdout %q", o.out)
	}
	if _, err := os.Stat(filepath.Join(out, run.VocabFile)); err != nil {
		t.Error(err)
	}
}

// TestImportCorpus: a model has the sizes of the corpus that it is imported for, but for those that are set; without them the error
// of finetuning says how to get them.
func TestImportCorpus(t *testing.T) {
	from, dir := filepath.Join("..", "..", "huggingface", "testdata", "tiny", "model"), t.TempDir()
	imported := func(name string, args ...string) (model string, config map[string]any) {
		t.Helper()
		model = filepath.Join(dir, name)
		vsim(t, append([]string{"import", "--hf", from, "--out", model}, args...)...).ended(exitDone)
		data, err := os.ReadFile(filepath.Join(model, run.ConfigFile))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &config); err != nil {
			t.Fatal(err)
		}
		return model, config
	}
	if _, c := imported("both", "--corpus", emojiDir); c["frame_dim"] != 128. || c["num_tags"] != 663. {
		t.Errorf("%v frame_dim, %v num_tags", c["frame_dim"], c["num_tags"])
	}
	if _, c := imported("set", "--corpus", emojiDir, "--set", "model.num_tags=700"); c["frame_dim"] != 128. || c["num_tags"] != 700. {
		t.Errorf("%v frame_dim, %v num_tags", c["frame_dim"], c["num_tags"])
	}
	paper, _ := imported("paper")
	out := filepath.Join(dir, "out")
	vsim(t, "finetune", "--corpus", emojiDir, "--recipe", "tiny", "--init", paper, "--out", out).failed(exitFailed,
		"model.frame_dim: 1536, but the corpus has frames of 128; leave it 0, and import a model for --init with --corpus")
	vsim(t, "import", "--hf", from, "--out", out, "--corpus", filepath.Join(dir, "none")).failed(exitFailed, "none")
	vsim(t, "import", "--model", paper, "--out", out, "--corpus", emojiDir).failed(exitUsage, "--corpus: is for --hf")
}

// TestImportModel: the model of a run is copied, whichever of the two is named; a copy embeds as its model does.
func TestImportModel(t *testing.T) {
	onCPU(t)
	fresh, out := freshModel(t), filepath.Join(t.TempDir(), "copy")
	v := vsim(t, "import", "--model", fresh, "--out", out, "--json").ended(exitDone).has("files", "notes")
	if files, _ := v["files"].([]any); len(files) != len(run.ModelFiles) {
		t.Errorf("files %v", v["files"])
	}
	model := run.Dir(fresh).Model()
	again := vsim(t, "import", "--model", model, "--out", out).ended(exitDone)
	if !strings.HasPrefix(again.out, "done before: copied 5 files") {
		t.Errorf("stdout %q", again.out)
	}
	if hashOf(t, filepath.Join(out, run.CardFile)) != hashOf(t, filepath.Join(model, run.CardFile)) {
		t.Error("the copy has another card")
	}
	vsim(t, "embed", "--model", out, "--records", filepath.Join(emojiDir, "test_a", "test_a.tfrecords"), "--out",
		filepath.Join(t.TempDir(), "e.safetensors")).ended(exitDone)
	vsim(t, "import", "--model", fresh, "--hf", "x", "--out", out).failed(exitUsage, "give one of --hf and --model")
	vsim(t, "import", "--model", fresh, "--out", out, "--set", "model.max_text=9").failed(exitUsage, "--set: is for --hf")
	vsim(t, "import", "--model", emojiDir, "--out", out).failed(exitFailed, "no model directory")
}
