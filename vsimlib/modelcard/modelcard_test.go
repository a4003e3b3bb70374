// SPDX-License-Identifier: Apache-2.0

package modelcard

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/provenance"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/runid"
)

// TestCard says what a model is and by what it was computed, and leaves out what is not known.
func TestCard(t *testing.T) {
	dir := t.TempDir()
	p := provenance.Process{Arithmetic: "1234", Seconds: 12.4, Machine: provenance.Machine{Backend: "cpu", Plugin: "ab12",
		CPU: "A processor", Revision: "0f0f", Modified: true}}
	c := Card{Stage: "finetune", Provenance: provenance.List{{}, p}, Mixed: "backends cpu, unknown"}
	if err := c.Write(dir); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, run.CardFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"---\nlibrary_name: vsim\n", "was finetuned on pairs",
		"\n\n- backend: unknown\n- arithmetic: unknown\n\n",
		"- backend: cpu\n- plugin, sha256: ab12\n" +
			"- processor: A processor\n- arithmetic: 1234\n- revision of vsim: 0f0f (modified)\n" +
			"- seconds: 12\n",
		"The training mixed backends cpu, unknown."} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %q in\n%s", want, data)
		}
	}
	if got := (Card{Stage: "pretrain"}).Markdown(); strings.Contains(got, "Computed by") {
		t.Errorf("%s", got)
	}
}

// trained is a card with everything in it.
func trained() Card {
	r, _ := recipe.Preset("demo")
	r.Finetune.Seed = 77
	r.Finetune.Teacher, r.Finetune.WeightTeacher = "/home/someone/six.safetensors", 0.5
	p := provenance.Process{Arithmetic: "1234", Seconds: 12.4, Start: "2026-01-02T03:04:05Z",
		Machine: provenance.Machine{Backend: "cpu", Device: "host: <b>", CPU: "A \"processor\"", Revision: "0f0f", Modified: true}}
	result := map[string]any{"steps": 40, "val_spearman": 0.5, "val_mse": 0.0312, "split": "strict", "fold": 1, "train_pairs": 900,
		"val_pairs": 103, "leaked_pairs": 7}
	return Card{Stage: "finetune", Recipe: &r, Result: result, Provenance: provenance.List{p, p},
		Data: Data{Corpus: "/home/someone/emoji: 1\n---", Parts: []string{"pairwise"}, Identity: runid.Identity{Corpus: "ab", Vocab: "cd",
			Init: "ef", Teacher: "67"}}}
}

// TestIntervalByError: the interval is that of the error that a result has, and the card says what it takes as independent.
func TestIntervalByError(t *testing.T) {
	c := trained()
	if got := c.Markdown(); !strings.Contains(got, "takes pairs as independent.") {
		t.Errorf("without an error:\n%s", got)
	}
	for _, by := range []struct {
		error float64
		want  string
	}{
		{0.05, "value: 0.5000, pairs: 103, low: 0.4020, high: 0.5980, level: 0.95}"}, // 0.5 ± 1.959964·0.05
		{0.4, "value: 0.5000, pairs: 103, low: -0.2840, high: 1.0000, level: 0.95}"}, // no correlation is above 1
	} {
		c.Result.(map[string]any)["val_spearman_error"] = by.error
		got := c.Markdown()
		if !strings.Contains(got, by.want) || !strings.Contains(got, "pairs that share a video are not taken as independent.") {
			t.Errorf("no %q in\n%s", by.want, got)
		}
	}
}

// TestFrontMatter: data, split, seed, scores with intervals, settings, commit, hardware and time.
func TestFrontMatter(t *testing.T) {
	got := trained().Markdown()
	for _, want := range []string{
		`stage: "finetune"`, `corpus: "emoji: 1; ---"`, "corpus_parts: [pairwise]", `corpus_fingerprint: "ab"`, `vocabulary_sha256: "cd"`,
		`initial_weights_sha256: "ef"`, `teacher_embeddings_sha256: "67"`, `  finetune.teacher: "six.safetensors"`, "split: {name: strict, fold: 1, train_pairs: 900, val_pairs: 103, leaked_pairs: 7}", "seed: 77",
		// tanh(artanh 0.5 ± 1.959964·√(1.125/100))
		"- {metric: spearman, part: validation, value: 0.5000, pairs: 103, low: 0.3287, high: 0.6394, level: 0.95}",
		"- {metric: mse, part: validation, value: 0.0312, pairs: 103}", `commit: "0f0f"`, "modified: true", `hardware: "host: <b>"`,
		`processor: "A \"processor\""`, `started: "2026-01-02T03:04:05Z"`, "seconds: 24.8", "recipe:\n  model.vocab_size: 0\n  model.hidden_size: 128\n",
		"  finetune.seed: 77\n", `  model.pooling: "masked_mean"`, "  ensemble.members: [1,2,3,4,5,6]\n", "  pretrain.weight_tag: null\n", "  model.layer_norm_eps: 1.0e-12\n", "  pretrain.include_tests: false\n",
		"| spearman | 0.5000 | 0.3287 to 0.6394 |", "7 of them have a video that is in training pairs too",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "someone") || strings.Count(got, "\n---\n") != 1 {
		t.Errorf("%s", got)
	}
}

// TestYAML: a YAML parser reads the front matter. VSIM_PYTHON is a Python with PyYAML.
func TestYAML(t *testing.T) {
	python := os.Getenv("VSIM_PYTHON")
	if python == "" {
		t.Skip("VSIM_PYTHON is not set")
	}
	path := filetest.Write(t, filepath.Join(t.TempDir(), "card.md"), trained().Markdown())
	const read = `import sys, yaml, json
print(json.dumps(yaml.safe_load(open(sys.argv[1]).read().split("---\n")[1])))`
	out, err := exec.Command(python, "-c", read, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got struct {
		Corpus, Processor string
		Scores            []struct{ Low, High, Value float64 }
		Recipe            map[string]any
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Corpus != "emoji: 1; ---" || got.Processor != `A "processor"` || len(got.Scores) != 2 || got.Scores[0].High != 0.6394 ||
		len(got.Recipe) < 50 || got.Recipe["model.layer_norm_eps"] != 1e-12 {
		t.Errorf("%s", out)
	}
}
