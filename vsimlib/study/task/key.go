// SPDX-License-Identifier: Apache-2.0

package task

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
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

// Content is what decides a task's result, and nothing else: the task's key is a hash of it.
type Content struct {
	Kind   Kind   `json:"kind"`
	Corpus string `json:"corpus,omitempty"` // fingerprint of the parts that are read; of a generated corpus its options
	Computing
	Work  any      `json:"work"`
	Needs []string `json:"needs"` // keys of the tasks that must be done before
}

// Computing is by what a task computes that trains or embeds.
type Computing struct {
	Backend    string `json:"backend,omitempty"`    // its setting (backends.Setting), or backends.Any
	Arithmetic string `json:"arithmetic,omitempty"` // number of what is computed (package arithmetic)
}

// Identify gives the task its key and its directory, in the directory of all tasks, by its content.
func (t *Task) Identify(folder string, c Content) error {
	c.Kind = t.Kind
	key, err := c.key()
	if err != nil {
		return err
	}
	t.content, t.Key, t.Needs = c, key, c.Needs
	t.Dir = filepath.Join(folder, string(t.Kind)+"-"+key)
	return nil
}

// key is a short hash of c.
func (c Content) key() (string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("task: a task has no key: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8]), nil
}
