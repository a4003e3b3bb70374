// SPDX-License-Identifier: Apache-2.0

// Package runid is the identity of a run directory: what its run was started with. A run continues only in the directory of a run
// with the same identity and the same settings of its stage (Start); identity.json, recipe.json and the state of every checkpoint
// say them, so that a checkpoint knows its run where the files are lost.
package runid

import (
	"path/filepath"

	"vsim/vsimlib/manifest"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// Identity is what a run was started with, apart from its recipe.
type Identity struct {
	Stage  string `json:"stage"`
	Corpus string `json:"corpus"` // fingerprint of the parts that the stage reads
	Vocab  string `json:"vocab"`  // sha256 of vocab.txt
	Init   string `json:"init"`   // sha256 of the initial weights' data, "" for fresh ones
}

// Of returns the identity of a stage's run on a corpus of that fingerprint, with the vocabulary file vocab and, unless it is "",
// the model directory init.
func Of(stage, fingerprint, vocab, init string) (Identity, error) {
	id := Identity{Stage: stage, Corpus: fingerprint}
	words, err := manifest.Hash(vocab)
	id.Vocab = words.SHA256
	if err != nil || init == "" {
		return id, err
	}
	id.Init, err = safetensors.DataHash(filepath.Join(init, run.WeightsFile))
	return id, err
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
	}
	return "from other weights"
}
