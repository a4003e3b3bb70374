// SPDX-License-Identifier: Apache-2.0

// Package runid is the identity of a run directory: what its run was started with. A run continues only in the directory of a run
// with the same identity and the same settings of its stage (Start); identity.json, recipe.json and the state of every checkpoint
// say them, so that a checkpoint knows its run where the files are lost.
package runid

import (
	"fmt"
	"path/filepath"

	"vsim/vsimlib/manifest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// Identity is what a run was started with, apart from its recipe.
type Identity struct {
	Stage  string `json:"stage"`
	Corpus string `json:"corpus"` // fingerprint of the parts that the stage reads
	Vocab  string `json:"vocab"`  // sha256 of vocab.txt
	Init   string `json:"init"`   // sha256 of the initial weights' data, "" for fresh ones
	// Teacher is the sha256 of the embeddings of finetuning's teacher, "" for none. Where their file is does not matter.
	Teacher string `json:"teacher,omitempty"`
}

// Of returns the identity of a stage's run on a corpus of that fingerprint, with the vocabulary file vocab and, unless it is "",
// the model directory init, and the teacher that a recipe names.
func Of(stage, fingerprint, vocab, init string, r recipe.Recipe) (id Identity, err error) {
	id = Identity{Stage: stage, Corpus: fingerprint}
	if id.Teacher, err = TeacherSum(r.ForStage(stage).Finetune); err != nil {
		return id, err
	}
	words, err := manifest.Hash(vocab)
	id.Vocab = words.SHA256
	if err != nil || init == "" {
		return id, err
	}
	id.Init, err = safetensors.DataHash(filepath.Join(init, run.WeightsFile))
	return id, err
}

// TeacherSum is the sha256 of the embeddings of a recipe's teacher, "" where it has none.
func TeacherSum(f recipe.Finetune) (string, error) {
	if f.Teacher == "" {
		return "", nil
	}
	sum, err := safetensors.DataHash(f.Teacher)
	if err != nil {
		err = fmt.Errorf("finetune.teacher: %w", err)
	}
	return sum, err
}

// older returns an identity as older versions wrote it: they hashed all of the initial weights' file, not the data alone.
func (i Identity) older(init string) Identity {
	if init != "" {
		weights, _ := manifest.Hash(filepath.Join(init, run.WeightsFile))
		i.Init = weights.SHA256 // "" of a file that cannot be read is no run's
	}
	return i
}

// differs says how a run with the identity i differs from one with now.
func (i Identity) differs(now Identity) string {
	switch {
	case i.Vocab != now.Vocab:
		return "with another vocabulary"
	case i.Corpus != now.Corpus:
		return "on a corpus of other contents"
	case i.Teacher != now.Teacher:
		return "with another teacher"
	}
	return "from other weights"
}
