// SPDX-License-Identifier: Apache-2.0

package study

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Kind is what a task does.
type Kind string

// The kinds, in the order in which a cell needs them.
const (
	Corpus   Kind = "corpus"   // writes a generated corpus
	Pretrain Kind = "pretrain" // trains on tags, masked tokens and masked frames
	Finetune Kind = "finetune" // trains on pairs
	Embed    Kind = "embed"    // embeds a part of the corpus, and scores it
	Join     Kind = "join"     // joins the embeddings of several models into one file, which teaches another one
	Ensemble Kind = "ensemble" // joins the embeddings of several models in all ways
)

// content is what decides a task's result, and nothing else.
type content struct {
	Kind   Kind   `json:"kind"`
	Corpus string `json:"corpus,omitempty"` // fingerprint of the parts that are read; of a generated corpus its options
	computing
	Work  any      `json:"work"`
	Needs []string `json:"needs"`
}

// computing is by what a task computes that trains or embeds.
type computing struct {
	Backend    string `json:"backend,omitempty"`    // its setting (backends.Setting), or backends.Any
	Arithmetic string `json:"arithmetic,omitempty"` // number of what is computed (package arithmetic)
}

// key is a short hash of c.
func (c content) key() (string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("study: a task has no key: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8]), nil
}
