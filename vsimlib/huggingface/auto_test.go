// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/filetest"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/tokenizer"
)

// tolAuto is the largest difference of a text state between vsim and transformers.
const tolAuto = 1e-5

// TestAuto loads a model directory of vsim, with its 21,128 tokens and heads for tags, frames and embedding, as it is with
// AutoConfig, AutoTokenizer and AutoModel. VSIM_PYTHON is a Python with transformers and torch.
//
// Compared are, on the same titles: the ids that the two tokenizers give, and the last layer at every position [B,T,H] that
// transformers gives for these ids, with vsim's at the positions of the text, every frame masked out. Both number the positions of
// the text from 0 and have one segment, 0; in either layout vsim numbers frames on their own.
func TestAuto(t *testing.T) {
	python := os.Getenv("VSIM_PYTHON")
	if python == "" {
		t.Skip("VSIM_PYTHON is not set")
	}
	const length = 20
	texts := []string{"贵宾犬", "一只小狗在沙滩上奔跑", "NBA总决赛第3场:湖人 vs 热火", "Café déjà-vu: naïve?!", "x",
		"这是一个非常非常长的标题它会被截断因为超过了二十个字的限制"}
	for _, layout := range []string{competition.LayoutFramesFirst, competition.LayoutCLSFirst} {
		t.Run(layout, func(t *testing.T) {
			dir := t.TempDir()
			saved := savedModel(t, filepath.Join(dir, "model"), layout, length)
			encoded, err := json.Marshal(texts)
			if err != nil {
				t.Fatal(err)
			}
			list, out := filetest.Write(t, filepath.Join(dir, "texts.json"), string(encoded)), filepath.Join(dir, "out.safetensors")
			cmd := exec.Command(python, filepath.Join("testdata", "auto.py"), saved, list, strconv.Itoa(length), out)
			cmd.Env = append(os.Environ(), "HF_HUB_OFFLINE=1", "TRANSFORMERS_VERBOSITY=error")
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			want := openFixture(t, out)
			if m := want.metadata; m["config"] != "BertConfig" || m["model"] != "BertModel" {
				t.Errorf("loaded as %v", m)
			}
			sameTokens(want, filepath.Join(saved, run.VocabFile), texts, length)
			hidden, _ := textOutputs(want, saved)
			want.near("last_hidden_state", hidden, want.floats("last_hidden_state"), 1, tolAuto)
		})
	}
}

// savedModel saves a model with random weights as the stages do, and returns its directory.
func savedModel(t *testing.T, dir, layout string, length int) string {
	t.Helper()
	r, _ := recipe.Preset("demo")
	r.Model.Layout, r.Model.MaxText, r.Model.InitializerRange = layout, length, 0.05
	if err := r.Resolve(recipe.Sizes{VocabSize: 21128, FrameDim: 128, NumTags: 663}); err != nil {
		t.Fatal(err)
	}
	store, err := multimodal.NewStore(r.Model, 7)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := multimodal.Weights(r.Model, store)
	if err != nil {
		t.Fatal(err)
	}
	if err := multimodal.Save(dir, r.Model, weights, filepath.Join("..", "..", "data", "emoji", "vocab.txt")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sameTokens compares the ids and masks of [CLS] title [SEP].
func sameTokens(x fixture, vocab string, texts []string, length int) {
	x.Helper()
	tok, err := tokenizer.LoadVocab(vocab)
	if err != nil {
		x.Fatal(err)
	}
	for name, part := range map[string]int{"ids": 0, "mask": 1} {
		all, err := tensors.CopyFlatData[int32](x.ints(name))
		if err != nil {
			x.Fatal(err)
		}
		for i, text := range texts {
			var got [2][]int32
			got[0], got[1] = tok.Encode(text, "", competition.LayoutFramesFirst, length, 0)
			if want := all[i*length : (i+1)*length]; !slices.Equal(got[part], want) {
				x.Errorf("%s of %q: %v, want %v", name, text, got[part], want)
			}
		}
	}
}
