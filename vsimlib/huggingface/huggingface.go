// SPDX-License-Identifier: Apache-2.0

// Package huggingface makes model directories of the BERTs that transformers saves.
//
//	Import → find            the weights in the directory; advice where they cannot be read
//	       → importConfig    config.json
//	       → vocabulary      vocab.txt or tokenizer.json, and how the tokenizer differs from vsim's
//	       → openWeights     model.safetensors, or shards and their index
//	       → match, weights  tensors to weights by their names; what is missing is drawn
//
// What Import takes, makes, leaves and passes over is in its [Report]. Only what decides which network the file is can be an error;
// whatever else other programs write into the directory is not.
package huggingface

import (
	"fmt"
	"path/filepath"
	"strings"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/modelcard"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/outdir"
	"vsim/vsimlib/run"
)

// Report says where every weight of an imported model comes from, and what of the file was left. Taken and Created
// together are the weights of the model; Taken and Skipped together account for every tensor of the file.
type Report struct {
	Taken   []string `json:"taken"`   // weights with the file's values, by the model's names
	Created []string `json:"created"` // the other weights of the model: freshly drawn, or as Notes say
	Skipped []string `json:"skipped"` // tensors that the model does not have, each as "name: reason"
	// Notes are names that were translated, the start of an absent decoder, what was passed over, and differences of the tokenizer.
	Notes  []string `json:"notes"`
	Before bool     `json:"-"` // the model was made before, by an import from the same files and settings
}

// Import makes a model directory out from hfDir, a directory with a Hugging Face BERT as transformers 2 to 5 save it: config.json,
// model.safetensors (as BertModel, BertForMaskedLM or BertForPreTraining write it, old files with gamma and beta too) or its shards
// and their index, and vocab.txt or tokenizer.json. What BERT does not have starts as NewStore draws it from the seed, but for a
// missing decoder of the masked-token head, which starts as the word embeddings. set has assignments such as
// model.layout=frames_first; one that contradicts the weights is an error. out must be absent or empty or, with force, an imported
// model; one of the same files and settings is done, and nothing is written.
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
	if filetype.Same(hfDir, out) {
		return fail(fmt.Errorf("%s: is both the source and the target of the import", out))
	}
	if made, err := outdir.Check(out, run.ModelKind); err != nil {
		return fail(err)
	} else if made && !force {
		return doneBefore(hfDir, out, set, seed)
	}
	path, err := find(hfDir)
	if err != nil {
		return fail(err)
	}
	c, passedOver, err := importConfig(filepath.Join(hfDir, run.ConfigFile), set)
	if err != nil {
		return fail(err)
	}
	v, err := vocabulary(hfDir, c.VocabSize)
	if err != nil {
		return fail(err)
	}
	defer v.remove()
	f, err := openWeights(path)
	if err != nil {
		return fail(err)
	}
	defer f.close()
	m, err := match(f, c)
	if err != nil {
		return fail(err)
	}
	if err := memplan.CheckWeights(c); err != nil {
		return fail(fmt.Errorf("%s: %w", hfDir, err))
	}
	weights, err := m.weights(seed)
	if err == nil {
		err = f.verify()
	}
	if err != nil {
		return fail(err)
	}
	if len(passedOver) > 0 {
		m.note("%s has keys that say nothing about a BERT's weights and were passed over: %s", run.ConfigFile, strings.Join(passedOver,
			", "))
	}
	m.report.Notes = append(m.report.Notes, v.notes...)
	err = manifest.BuildFrom(out, run.ModelKind, force, func(aside string) (*manifest.Origin, error) {
		if err := multimodal.Save(aside, c, weights, v.path); err != nil {
			return nil, err
		}
		if err := (modelcard.Card{Stage: "import", Notes: m.report.Notes}).Write(aside); err != nil {
			return nil, err
		}
		settings, err := settingsOf(hfDir, set, seed)
		if err != nil {
			return nil, err
		}
		return manifest.NewOrigin(settings, m.report)
	})
	return m.report, err
}
