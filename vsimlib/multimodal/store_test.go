// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

const words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n"

// savedModel writes a small model directory whose weights change may alter before.
func savedModel(t *testing.T, change func([]safetensors.Tensor)) (string, recipe.Model) {
	t.Helper()
	r, _ := recipe.Preset("tiny")
	c := r.Model
	c.VocabSize, c.FrameDim, c.NumTags, c.HiddenSize, c.IntermediateSize, c.NumHiddenLayers = 7, 4, 3, 8, 8, 1
	c.NumAttentionHeads = 2
	store, err := NewStore(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := Weights(c, store)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(weights)
	}
	dir := t.TempDir()
	vocab := filepath.Join(dir, "words")
	if err := os.WriteFile(vocab, []byte(words), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Save(filepath.Join(dir, "model"), c, weights, vocab); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "model"), c
}

// TestLoadRefuses names the tensor of a weight that is not finite, and the file of altered weights.
func TestLoadRefuses(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		dir, _ := savedModel(t, func(w []safetensors.Tensor) {
			for i, x := range w {
				if x.Name == "tag_fc.bias" {
					w[i] = safetensors.FromFloat32(x.Name, x.Shape, []float32{0, float32(bad), 0})
				}
			}
		})
		_, _, err := Load(dir)
		if err == nil || !strings.Contains(err.Error(), "model.safetensors: tensor tag_fc.bias: element 1 is ") {
			t.Errorf("%g: %v", bad, err)
		}
	}
	dir, _ := savedModel(t, nil)
	if _, _, err := Load(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, run.WeightsFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 4
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(dir); err == nil || !strings.Contains(err.Error(), path+": the data were altered") {
		t.Errorf("a flipped bit: %v", err)
	}
}

// TestVocabulary: a vocabulary other than the model's is refused, and one that does not fit the word embeddings.
func TestVocabulary(t *testing.T) {
	dir, c := savedModel(t, nil)
	if v, err := LoadVocab(dir, c); err != nil || v.VocabSize() != 7 {
		t.Fatal(err)
	}
	path := filepath.Join(dir, run.VocabFile)
	for _, text := range []string{words[:len(words)-2], strings.ReplaceAll(words, "b", "c")} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadVocab(dir, c); err == nil || !strings.Contains(err.Error(), path+": is not the vocabulary of the model") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := recipe.WriteModelConfig(filepath.Join(dir, run.ConfigFile), c); err != nil { // as older versions wrote it
		t.Fatal(err)
	}
	if _, err := LoadVocab(dir, c); err != nil {
		t.Errorf("a config that says nothing of the vocabulary: %v", err)
	}
	if err := os.WriteFile(path, []byte(words+"c\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadVocab(dir, c); err == nil || !strings.Contains(err.Error(), "8 tokens, but the word embeddings of ") {
		t.Errorf("a token too many: %v", err)
	}
}
