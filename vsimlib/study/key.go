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
	Ensemble Kind = "ensemble" // joins the embeddings of several models in all ways
)

// version is part of every key. It is raised when the same settings on the same corpus give other numbers than before.
const version = 1

// content is what decides a task's result, and nothing else.
type content struct {
	Version int      `json:"version"`
	Kind    Kind     `json:"kind"`
	Corpus  string   `json:"corpus,omitempty"` // fingerprint of the parts that are read; of a generated corpus its options
	Work    any      `json:"work"`
	Needs   []string `json:"needs"`
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
