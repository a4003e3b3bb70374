// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/half"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

var (
	maskedLM = filepath.Join("testdata", "tiny", "masked_lm")
	bareBERT = filepath.Join("testdata", "tiny", "model")
)

func readFile(t *testing.T, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// importTo imports into a fresh folder.
func importTo(t *testing.T, hf string, set ...string) (dir string, report Report) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "model")
	report, err := Import(hf, dir, set, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	return dir, report
}

// TestImportReport accounts for every weight of the model and every tensor of the file.
func TestImportReport(t *testing.T) {
	for _, k := range []struct {
		name, hf       string
		set            []string
		created, skips []string // prefixes
		taken          int
	}{
		{"masked_lm", maskedLM, nil, []string{"cls.predictions.decoder.weight", "video_", "mfm.", "tag_fc.", "embedding_fc."}, nil, 42},
		{"bare, attention", bareBERT, []string{"model.pooling=attention"},
			[]string{"attention_pool.", "cls.", "video_", "mfm.", "tag_fc.", "embedding_fc."},
			[]string{"pooler.dense.bias: ", "pooler.dense.weight: "}, 37},
	} {
		t.Run(k.name, func(t *testing.T) {
			dir, report := importTo(t, k.hf, k.set...)
			c, err := recipe.ReadModelConfig(filepath.Join(dir, run.ConfigFile))
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Taken) != k.taken {
				t.Errorf("%d taken, want %d", len(report.Taken), k.taken)
			}
			all := slices.Sorted(slices.Values(slices.Concat(report.Taken, report.Created)))
			if !slices.Equal(all, multimodal.Names(c)) {
				t.Errorf("taken and created are not the model's weights: %v", all)
			}
			hasPrefix := func(list []string, s string) bool {
				return slices.ContainsFunc(list, func(p string) bool { return strings.HasPrefix(s, p) })
			}
			for _, name := range report.Created {
				if !hasPrefix(k.created, name) {
					t.Errorf("created %s", name)
				}
			}
			if len(report.Skipped) != len(k.skips) {
				t.Errorf("skipped %q, want %q", report.Skipped, k.skips)
			}
			for _, s := range report.Skipped {
				if !hasPrefix(k.skips, s) {
					t.Errorf("skipped %s", s)
				}
			}
			text, err := json.Marshal(report)
			if err != nil || strings.Contains(string(text), "null") {
				t.Errorf("as JSON: %s (%v)", text, err)
			}
			if !bytes.Equal(readFile(t, k.hf, run.VocabFile), readFile(t, dir, run.VocabFile)) {
				t.Error("vocab.txt is not the source's")
			}
		})
	}
}

// TestImportCreates checks the values of weights that the file does not have: those of a fresh model of the same seed, and
// the word embeddings for the decoder.
func TestImportCreates(t *testing.T) {
	dir, report := importTo(t, bareBERT, "model.pooling=masked_attention", "model.frame_dim=6", "model.num_tags=0")
	c, err := recipe.ReadModelConfig(filepath.Join(dir, run.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	if c.FrameDim != 6 || c.NumTags != 0 || c.Pooling != recipe.MaskedAttention || c.MaxText != 36 {
		t.Errorf("config %+v", c)
	}
	x := openFixture(t, filepath.Join(dir, run.WeightsFile))
	store, err := multimodal.NewStore(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := multimodal.Weights(c, store)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range fresh {
		switch equal := bytes.Equal(w.Data, x.tensors[w.Name].Data); {
		case len(w.Data) == 0:
		case w.Name == decoder:
			if !bytes.Equal(x.tensors[decoder].Data, x.tensors[wordEmbeddings].Data) {
				t.Error("the decoder does not start as the word embeddings")
			}
		case equal != slices.Contains(report.Created, w.Name):
			t.Errorf("%s: equals a fresh model's: %v", w.Name, equal)
		}
	}
	if !slices.ContainsFunc(report.Notes, func(s string) bool { return strings.HasPrefix(s, decoder) }) {
		t.Errorf("notes %q do not say how the decoder starts", report.Notes)
	}
}

// TestImportNames imports the same weights under the names of other versions, with what other versions add: the outcome
// must be the same to the bit.
func TestImportNames(t *testing.T) {
	as := func(name string, x safetensors.Tensor) safetensors.Tensor { x.Name = name; return x }
	prefixed := func(x safetensors.Tensor) []safetensors.Tensor { return []safetensors.Tensor{as("bert."+x.Name, x)} }
	for _, k := range []struct {
		name, hf string
		change   func(x safetensors.Tensor) []safetensors.Tensor
		skips    []string
	}{
		{"gamma and beta", maskedLM, func(x safetensors.Tensor) []safetensors.Tensor {
			return []safetensors.Tensor{as(oldNames(x.Name), x)}
		}, nil},
		{"gamma and beta without bert.", bareBERT, func(x safetensors.Tensor) []safetensors.Tensor {
			return []safetensors.Tensor{as(oldNames(x.Name), x)}
		}, []string{"pooler.dense.bias", "pooler.dense.weight"}},
		{"DataParallel", maskedLM, func(x safetensors.Tensor) []safetensors.Tensor {
			return []safetensors.Tensor{as("module."+x.Name, x)}
		}, nil},
		{"DataParallel, compiled, without bert.", bareBERT, func(x safetensors.Tensor) []safetensors.Tensor {
			return []safetensors.Tensor{as("module._orig_mod."+x.Name, x)}
		}, []string{"module._orig_mod.pooler.dense.bias", "module._orig_mod.pooler.dense.weight"}},
		{"with tensors of other dtypes", maskedLM, func(x safetensors.Tensor) []safetensors.Tensor {
			list := []safetensors.Tensor{x}
			if x.Name == wordEmbeddings {
				list = append(list, safetensors.Tensor{Name: "a.scale", DType: "F8_E4M3", Shape: []int{3}, Data: []byte{1, 2, 3}},
					safetensors.Tensor{Name: "a.rotation", DType: "C64", Shape: []int{1}, Data: make([]byte, 8)})
			}
			return list
		}, []string{"a.rotation", "a.scale"}},
		{"with bert.", bareBERT, prefixed, []string{"bert.pooler.dense.bias", "bert.pooler.dense.weight"}},
		{"as transformers 4 writes", maskedLM, func(x safetensors.Tensor) []safetensors.Tensor {
			list := []safetensors.Tensor{x}
			switch x.Name {
			case "cls.predictions.bias":
				list = append(list, as("cls.predictions.decoder.bias", x))
			case wordEmbeddings: // and what BertForPreTraining adds
				list = append(list, safetensors.FromInt64("bert.embeddings.position_ids", []int{1, 2}, []int64{0, 1}),
					safetensors.FromFloat32("cls.seq_relationship.bias", []int{2}, []float32{0, 0}),
					safetensors.FromFloat32("classifier.bias", []int{2}, []float32{0, 0}))
			}
			return list
		}, []string{"bert.embeddings.position_ids", "classifier.bias", "cls.predictions.decoder.bias", "cls.seq_relationship.bias"}},
	} {
		t.Run(k.name, func(t *testing.T) {
			want, _ := importTo(t, k.hf)
			got, report := importTo(t, rewrite(t, k.hf, k.change))
			if !bytes.Equal(readFile(t, got, run.WeightsFile), readFile(t, want, run.WeightsFile)) {
				t.Error("the weights differ")
			}
			var skipped []string
			for _, s := range report.Skipped {
				name, _, _ := strings.Cut(s, ": ")
				skipped = append(skipped, name)
			}
			if !slices.Equal(skipped, k.skips) {
				t.Errorf("skipped %q, want %q", report.Skipped, k.skips)
			}
		})
	}
}

// TestImportDecoder takes the decoder of a file that has one.
func TestImportDecoder(t *testing.T) {
	hf := rewrite(t, maskedLM, func(x safetensors.Tensor) []safetensors.Tensor {
		if x.Name != wordEmbeddings {
			return []safetensors.Tensor{x}
		}
		own := safetensors.Tensor{Name: decoder, DType: x.DType, Shape: x.Shape, Data: bytes.Clone(x.Data)}
		binary.LittleEndian.PutUint32(own.Data, math.Float32bits(7))
		return []safetensors.Tensor{x, own}
	})
	dir, report := importTo(t, hf)
	x := openFixture(t, filepath.Join(dir, run.WeightsFile))
	if x.floats(decoder)[0] != 7 || x.floats(wordEmbeddings)[0] == 7 || !slices.Contains(report.Taken, decoder) {
		t.Error("the decoder of the file was not taken")
	}
}

// TestImportHalf widens float16 and bfloat16: exactly the values that half a float keeps.
func TestImportHalf(t *testing.T) {
	halves := map[string]func(v float32) (uint16, float32){
		safetensors.Float16: func(v float32) (uint16, float32) {
			h := half.FromFloat32(v)
			return h, half.Float32(h)
		},
		safetensors.BFloat16: func(v float32) (uint16, float32) {
			h := uint16(math.Float32bits(v) >> 16)
			return h, math.Float32frombits(uint32(h) << 16)
		},
	}
	for dtype, half := range halves {
		want := map[string][]float32{}
		hf := rewrite(t, bareBERT, func(x safetensors.Tensor) []safetensors.Tensor {
			values, err := safetensors.Float32s(x)
			if err != nil {
				t.Fatal(err)
			}
			out := safetensors.Tensor{Name: x.Name, DType: dtype, Shape: x.Shape}
			for i, v := range values {
				var h uint16
				h, values[i] = half(v)
				out.Data = binary.LittleEndian.AppendUint16(out.Data, h)
			}
			want["bert."+x.Name] = values
			return []safetensors.Tensor{out}
		})
		dir, report := importTo(t, hf)
		x := openFixture(t, filepath.Join(dir, run.WeightsFile))
		for _, name := range report.Taken {
			if x.tensors[name].DType != safetensors.Float32 || !slices.Equal(x.floats(name), want[name]) {
				t.Errorf("%s: %s was not widened", dtype, name)
			}
		}
	}
}

// oldNames are those that TensorFlow's checkpoints had, and files converted from them still have.
func oldNames(name string) string {
	name = strings.Replace(name, "LayerNorm.weight", "LayerNorm.gamma", 1)
	return strings.Replace(name, "LayerNorm.bias", "LayerNorm.beta", 1)
}

// rewrite copies a Hugging Face directory with other tensors.
func rewrite(t *testing.T, hf string, change func(safetensors.Tensor) []safetensors.Tensor) string {
	t.Helper()
	dir := t.TempDir()
	x := openFixture(t, filepath.Join(hf, run.WeightsFile))
	var list []safetensors.Tensor
	for _, tensor := range x.tensors {
		list = append(list, change(tensor)...)
	}
	f, err := os.Create(filepath.Join(dir, run.WeightsFile))
	if err == nil {
		err = safetensors.Write(f, list, x.metadata)
	}
	if err == nil {
		err = f.Close()
	}
	for _, name := range []string{run.ConfigFile, run.VocabFile} {
		var data []byte
		if err == nil {
			data, err = os.ReadFile(filepath.Join(hf, name))
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
