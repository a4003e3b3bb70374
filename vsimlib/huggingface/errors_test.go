// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

const anEncoderWeight = "bert.encoder.layer.1.output.dense.weight"

// only changes one tensor of a copy of maskedLM and keeps the others.
func only(t *testing.T, name string, change func(x safetensors.Tensor) []safetensors.Tensor) string {
	t.Helper()
	return rewrite(t, maskedLM, func(x safetensors.Tensor) []safetensors.Tensor {
		if x.Name == name {
			return change(x)
		}
		return []safetensors.Tensor{x}
	})
}

// edited copies maskedLM and puts another file into it; nil data removes it.
func edited(t *testing.T, name string, data []byte) string {
	t.Helper()
	dir := rewrite(t, maskedLM, func(x safetensors.Tensor) []safetensors.Tensor { return []safetensors.Tensor{x} })
	path := filepath.Join(dir, name)
	err := os.WriteFile(path, data, 0o644)
	if data == nil {
		err = os.Remove(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func pickledOnly(t *testing.T, name string) string {
	dir := edited(t, run.WeightsFile, nil)
	if err := os.WriteFile(filepath.Join(dir, name), []byte("PK\x03\x04"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestImportErrors: each fault is one line that names the place, and leaves nothing behind.
func TestImportErrors(t *testing.T) {
	whole := readFile(t, maskedLM, run.WeightsFile)
	lying := append([]byte(nil), whole...)
	binary.LittleEndian.PutUint64(lying, math.MaxUint64)
	config := string(readFile(t, maskedLM, run.ConfigFile))
	for _, k := range []struct {
		name string
		hf   func() string
		set  string
		want []string
	}{
		{"no directory", func() string { return filepath.Join(t.TempDir(), "none") }, "", []string{"none", "no such file"}},
		{"a file", func() string { return filepath.Join(maskedLM, run.ConfigFile) }, "", []string{"is no directory"}},
		{"pickled", func() string { return pickledOnly(t, "pytorch_model.bin") }, "",
			[]string{"pytorch_model.bin: pickled", "python3 -c", "save_file"}},
		{"a checkpoint", func() string { return pickledOnly(t, "last.ckpt") }, "", []string{"last.ckpt: pickled", "python3 -c"}},
		{"a pickled file itself", func() string { return filepath.Join(pickledOnly(t, "model.pt"), "model.pt") }, "",
			[]string{"model.pt: pickled", run.WeightsFile}},
		{"no weights", func() string { return edited(t, run.WeightsFile, nil) }, "", []string{"has no " + run.WeightsFile,
			"only config.json, vocab.txt"}},
		{"shards", func() string { return pickledOnly(t, run.WeightsFile+".index.json") }, "", []string{indexFile, "line 1", "ZIP"}},
		{"pickled under a false name", func() string { return edited(t, run.WeightsFile, []byte("PK\x03\x04 and so on")) }, "",
			[]string{"pickled"}},
		{"lying header", func() string { return edited(t, run.WeightsFile, lying) }, "", []string{run.WeightsFile, "header claims"}},
		{"truncated", func() string { return edited(t, run.WeightsFile, whole[:len(whole)-1]) }, "",
			[]string{run.WeightsFile, "the file has"}},
		{"no config", func() string { return edited(t, run.ConfigFile, nil) }, "", []string{run.ConfigFile}},
		{"the config of 2018", func() string {
			dir := edited(t, run.ConfigFile, nil)
			put(t, dir, oldConfigFile, []byte(config))
			return dir
		}, "", []string{run.ConfigFile, "no such file", "rename ", oldConfigFile}},
		{"another network", func() string {
			return edited(t, run.ConfigFile, []byte(strings.Replace(config, `"bert"`, `"roberta"`, 1)))
		}, "", []string{run.ConfigFile, "model_type"}},
		{"no vocabulary", func() string { return edited(t, run.VocabFile, nil) }, "", []string{run.VocabFile}},
		{"long vocabulary", func() string {
			return edited(t, run.VocabFile, append(readFile(t, maskedLM, run.VocabFile), "ä\nb2\nc2\nd2\ne2\nf2\ng2\n"...))
		}, "", []string{run.VocabFile, "38 tokens", "37 rows"}},
		{"missing tensor", func() string {
			return only(t, anEncoderWeight, func(safetensors.Tensor) []safetensors.Tensor { return nil })
		}, "", []string{run.WeightsFile, "no tensor " + anEncoderWeight}},
		{"another prefix", func() string {
			return rewrite(t, maskedLM, func(x safetensors.Tensor) []safetensors.Tensor {
				x.Name = "text_encoder." + x.Name
				return []safetensors.Tensor{x}
			})
		}, "", []string{run.WeightsFile, "no tensor bert.embeddings", `its names begin with "text_encoder.bert." instead`}},
		{"wrong shape", func() string {
			return only(t, anEncoderWeight, func(x safetensors.Tensor) []safetensors.Tensor {
				x.Shape = []int{40, 24}
				return []safetensors.Tensor{x}
			})
		}, "", []string{anEncoderWeight, "[40 24]", "[24 40]"}},
		{"a layer too many", func() string {
			return only(t, anEncoderWeight, func(x safetensors.Tensor) []safetensors.Tensor {
				y := x
				y.Name = strings.Replace(x.Name, ".1.", ".2.", 1)
				return []safetensors.Tensor{x, y}
			})
		}, "", []string{"layer.2.", "2 layers"}},
		{"integers", func() string {
			return only(t, "bert.embeddings.LayerNorm.bias", func(x safetensors.Tensor) []safetensors.Tensor {
				return []safetensors.Tensor{safetensors.FromInt64(x.Name, x.Shape, make([]int64, 24))}
			})
		}, "", []string{"bert.embeddings.LayerNorm.bias", "I64"}},
		{"not a number", func() string {
			return only(t, "bert.embeddings.LayerNorm.bias", func(x safetensors.Tensor) []safetensors.Tensor {
				binary.LittleEndian.PutUint32(x.Data[8:], math.Float32bits(float32(math.NaN())))
				return []safetensors.Tensor{x}
			})
		}, "", []string{"bert.embeddings.LayerNorm.bias", "element 2 is NaN"}},
		{"two of one weight", func() string {
			return only(t, "bert.embeddings.LayerNorm.bias", func(x safetensors.Tensor) []safetensors.Tensor {
				y := x
				y.Name, y.Data = "embeddings.LayerNorm.beta", make([]byte, len(x.Data))
				return []safetensors.Tensor{x, y}
			})
		}, "", []string{"embeddings.LayerNorm.beta", "differ"}},
		{"contradiction", func() string { return maskedLM }, "model.hidden_size=48",
			[]string{"model.hidden_size=48", "contradicts the weights", "24"}},
		{"fewer layers", func() string { return maskedLM }, "model.num_hidden_layers=1",
			[]string{"model.num_hidden_layers=1", "contradicts"}},
		{"another section", func() string { return maskedLM }, "pretrain.epochs=1", []string{"pretrain.epochs=1", "section model only"}},
		{"unknown name", func() string { return maskedLM }, "model.max_txt=9", []string{"max_txt", "max_text"}},
		{"too long a text", func() string { return maskedLM }, "model.max_text=49", []string{"max_text", "49", "48"}},
	} {
		t.Run(k.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "model")
			var set []string
			if k.set != "" {
				set = []string{k.set}
			}
			_, err := Import(k.hf(), out, set, 1, false)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range k.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not hold %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of several lines: %q", err)
			}
			if _, err := os.Lstat(out); err == nil {
				t.Error("something was written")
			}
		})
	}
}

// TestImportForce overwrites only when asked, and never its own source.
func TestImportForce(t *testing.T) {
	dir, whole := importTo(t, maskedLM)
	again, err := Import(maskedLM, dir, nil, 1, false)
	if err != nil || !again.Before || len(again.Taken) != len(whole.Taken) {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	if _, err := Import(maskedLM, dir, nil, 2, false); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("an existing folder: %v", err)
	}
	if _, err := Import(edited(t, "note.txt", []byte("x")), dir, nil, 1, false); err == nil ||
		!strings.Contains(err.Error(), "--force") {
		t.Errorf("an existing folder of another source: %v", err)
	}
	if _, err := Import(maskedLM, dir, []string{"model.num_tags=3"}, 1, true); err != nil {
		t.Fatal(err)
	}
	if c, _, err := multimodal.Load(dir); err != nil || c.NumTags != 3 {
		t.Errorf("after --force: %d tags, %v", c.NumTags, err)
	}
	users := t.TempDir()
	if err := os.WriteFile(filepath.Join(users, "model.safetensors"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	const foreign = "has model.safetensors and is no model of vsim"
	if _, err := Import(maskedLM, users, nil, 1, true); err == nil || !strings.Contains(err.Error(), foreign) {
		t.Errorf("a user's directory: %v", err)
	}
	if _, err := Import(maskedLM, t.TempDir(), nil, 1, false); err != nil {
		t.Errorf("an empty directory: %v", err)
	}
	own := edited(t, "note.txt", []byte("x"))
	if _, err := Import(own, own, nil, 1, true); err == nil || !strings.Contains(err.Error(), "both the source and the target") {
		t.Errorf("the source as target: %v", err)
	}
}

// TestImportOwnModel takes the video parts of a directory that has them, so that a model can change its layout.
func TestImportOwnModel(t *testing.T) {
	dir, _ := importTo(t, maskedLM, "model.frame_dim=6", "model.num_tags=3")
	_, report := importTo(t, dir, "model.layout=frames_first")
	if len(report.Created)+len(report.Skipped) != 0 {
		t.Errorf("created %v, skipped %v", report.Created, report.Skipped)
	}
	_, err := Import(dir, filepath.Join(t.TempDir(), "other"), []string{"model.num_tags=4"}, 1, false)
	if err == nil || !strings.Contains(err.Error(), "tag_fc") {
		t.Errorf("other tags than the weights have: %v", err)
	}
}

// TestImportLostManifest: an imported model that lost its manifest is refused; without the second marker too it is the user's.
func TestImportLostManifest(t *testing.T) {
	dir, _ := importTo(t, maskedLM)
	if err := os.Remove(filepath.Join(dir, outdir.MarkerFile)); err != nil {
		t.Fatal(err)
	}
	_, _, err := multimodal.Load(dir)
	if err == nil || !strings.Contains(err.Error(), "vsim.json: is missing") || !strings.Contains(err.Error(), "--force") {
		t.Errorf("without its manifest: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, outdir.DueFile)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := multimodal.Load(dir); err != nil {
		t.Errorf("a user's: %v", err)
	}
}

// TestDamagedImport damages one file of an imported model at a time, at random: loading it names the file, but for a deleted
// vsim.json, which is named as missing.
func TestDamagedImport(t *testing.T) {
	trials := 60
	if testing.Short() {
		trials = 20
	}
	good, _ := importTo(t, maskedLM)
	names, err := manifest.Names(good, ".")
	if err != nil || len(names) < 5 {
		t.Fatalf("%v, %v", names, err)
	}
	names = append(names, outdir.MarkerFile)
	r := rand.New(rand.NewPCG(12, 4))
	for range trials {
		name := names[r.IntN(len(names))]
		dir := filepath.Join(t.TempDir(), "model")
		if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
			t.Fatal(err)
		}
		what := filetest.Damage(t, r, filepath.Join(dir, name))
		_, _, err := multimodal.Load(dir)
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %s: %v", name, what, err)
		}
	}
	if _, _, err := multimodal.Load(good); err != nil {
		t.Errorf("the whole model: %v", err)
	}
}
