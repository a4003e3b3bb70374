// SPDX-License-Identifier: Apache-2.0

// Package huggingface makes model directories of the BERTs that transformers saves: it finds the weights in a directory, translates
// their names, and says what it took, made and left.
package huggingface

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
	"vsim/vsimlib/tokenizer"
)

// Report says where every weight of an imported model comes from, and what of the file was left. Taken and Created
// together are the weights of the model; Taken and Skipped together account for every tensor of the file.
type Report struct {
	Taken   []string `json:"taken"`   // weights with the file's values, by the model's names
	Created []string `json:"created"` // the other weights of the model: freshly drawn, or as Notes say
	Skipped []string `json:"skipped"` // tensors that the model has no place for, each as "name: reason"
	Notes   []string `json:"notes"`   // names that were translated, and the start of an absent decoder
}

// Import makes a model directory out from hfDir, a directory with a Hugging Face BERT: config.json, model.safetensors (as
// BertModel, BertForMaskedLM or BertForPreTraining write it, old files with gamma and beta too) and vocab.txt. What BERT
// does not have starts as NewStore draws it from the seed, but for a missing decoder of the masked-word head, which starts
// as the word embeddings. set holds assignments such as model.layout=frames_first; one that contradicts the weights is an
// error. An existing out is refused unless force is set.
//
// The competition started from chinese-roberta-wwm-ext-large, which is published as pickled PyTorch weights:
//
//	pip install huggingface_hub
//	hf download hfl/chinese-roberta-wwm-ext-large --local-dir chinese-roberta-wwm-ext-large    # 1.3 GB
//	vsim import --hf chinese-roberta-wwm-ext-large --out roberta-large
//
// The last line refuses pytorch_model.bin and prints the Python line that converts it; run that, and it again.
func Import(hfDir, out string, set []string, seed int64, force bool) (Report, error) {
	fail := func(err error) (Report, error) { return Report{}, err }
	if err := run.Refuse(out, force); err != nil {
		return fail(err)
	}
	path, err := findWeights(hfDir)
	if err != nil {
		return fail(err)
	}
	if same(hfDir, out) {
		return fail(fmt.Errorf("%s: is both the source and the target of the import", out))
	}
	c, err := importConfig(filepath.Join(hfDir, run.ConfigFile), set)
	if err != nil {
		return fail(err)
	}
	vocab := filepath.Join(hfDir, run.VocabFile)
	if err := checkVocab(vocab, c.VocabSize); err != nil {
		return fail(err)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = f.Close() }()
	m, err := match(f, c)
	if err != nil {
		return fail(err)
	}
	weights, err := m.weights(seed)
	if err != nil {
		return fail(err)
	}
	return m.report, multimodal.Save(out, c, weights, vocab)
}

// conversion turns pickled weights into safetensors; clone because tied weights share memory, which the format has not.
const conversion = `python3 -c "import sys, torch; from safetensors.torch import save_file; ` +
	`d = torch.load(sys.argv[1], map_location='cpu', weights_only=True); d = d.get('state_dict', d); ` +
	`save_file({k: v.clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}, sys.argv[2], {'format': 'pt'})" %s %s`

// findWeights returns the path of the directory's safetensors file. Pickled weights, which can run any code when they are
// read, are refused with the line that converts them.
func findWeights(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", fmt.Errorf("import: %w", err)
	}
	path := filepath.Join(dir, run.WeightsFile)
	if !info.IsDir() {
		if pickled(dir) {
			return "", refusePickled(dir, filepath.Join(filepath.Dir(dir), run.WeightsFile))
		}
		return "", fmt.Errorf("%s: is no directory; give the one that holds config.json, %s and %s", dir, run.WeightsFile, run.VocabFile)
	}
	if _, err := os.Stat(path); err == nil || !errors.Is(err, os.ErrNotExist) {
		return path, nil // what is wrong with it, safetensors.Open tells
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("import: %w", err)
	}
	for _, e := range entries {
		if pickled(e.Name()) {
			return "", refusePickled(filepath.Join(dir, e.Name()), path)
		}
	}
	if _, err := os.Stat(path + ".index.json"); err == nil {
		return "", fmt.Errorf("%s: the weights are in several files, which is not supported; save the model with max_shard_size='10GB'",
			path+".index.json")
	}
	return "", fmt.Errorf("%s: no such file", path)
}

func pickled(name string) bool {
	return slices.Contains([]string{".bin", ".pt", ".pth", ".ckpt"}, filepath.Ext(name))
}

func refusePickled(path, to string) error {
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	return fmt.Errorf("%s: pickled weights can run code when they are read and are not; convert them once, then import again: %s",
		path, fmt.Sprintf(conversion, quoted(path), quoted(to)))
}

// same reports whether two paths are one directory.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// importConfig reads config.json and applies the overrides, of which none may change what the weights decide.
func importConfig(path string, set []string) (recipe.Model, error) {
	given, err := recipe.ReadBERTConfig(path)
	if err != nil {
		return given, err
	}
	was, is := recipe.Recipe{Model: given}, recipe.Recipe{Model: given}
	for _, s := range set {
		if !strings.HasPrefix(strings.TrimSpace(s), "model.") {
			return given, fmt.Errorf("setting %q: an import has settings of section model only", s)
		}
		if err := is.Set(s); err != nil {
			return given, err
		}
	}
	for _, d := range was.Diff(is) {
		if decided[strings.TrimPrefix(d.Name, "model.")] {
			return given, fmt.Errorf("setting %s=%s: contradicts the weights, whose %s says %s", d.Name, d.Is, path, d.Was)
		}
	}
	if err := is.Model.Validate(); err != nil {
		return given, fmt.Errorf("%s: with the settings given: %w", path, err)
	}
	return is.Model, nil
}

// decided are the names that a BERT's weights fix: their shapes, and what they were trained with.
var decided = map[string]bool{"vocab_size": true, "hidden_size": true, "num_hidden_layers": true, "num_attention_heads": true,
	"intermediate_size": true, "max_position_embeddings": true, "type_vocab_size": true, "layer_norm_eps": true}

// checkVocab holds the vocabulary against the rows of the word embeddings, of which some may be spare.
func checkVocab(path string, rows int) error {
	t, err := tokenizer.LoadVocab(path)
	if err != nil {
		return err
	}
	if t.VocabSize() > rows {
		return fmt.Errorf("%s: %d tokens, but the word embeddings of config.json have %d rows", path, t.VocabSize(), rows)
	}
	return nil
}

// weights returns all weights of the model and completes the report.
func (m *matched) weights(seed int64) ([]safetensors.Tensor, error) {
	var out []safetensors.Tensor
	for _, name := range multimodal.Names(m.config) {
		shape := m.shapes[name]
		if from, ok := m.from[name]; ok {
			t, err := m.read(from, name)
			if err != nil {
				return nil, err
			}
			out, m.report.Taken = append(out, t), append(m.report.Taken, name)
			continue
		}
		m.report.Created = append(m.report.Created, name)
		if name == decoder {
			t, err := m.read(m.from[wordEmbeddings], name)
			if err != nil {
				return nil, err
			}
			out = append(out, t)
			m.note("%s starts as a copy of %s: the file has none of its own", decoder, wordEmbeddings)
			continue
		}
		out = append(out, safetensors.FromFloat32(name, shape, multimodal.Initial(m.config, name, shape, seed)))
	}
	return out, nil
}

// read returns a tensor of the file as float32 under its new name.
func (m *matched) read(from, name string) (safetensors.Tensor, error) {
	t, err := m.file.Read(from)
	if err != nil {
		return t, err
	}
	values, err := safetensors.Float32s(t)
	if err != nil {
		return t, fmt.Errorf("%s: %w", m.file.Path(), err)
	}
	for i, v := range values {
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			return t, fmt.Errorf("%s: tensor %s: element %d is %g", m.file.Path(), from, i, v)
		}
	}
	return safetensors.FromFloat32(name, t.Shape, values), nil
}
