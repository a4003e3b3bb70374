// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"fmt"
	"path/filepath"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
	"vsim/vsimlib/text"
	"vsim/vsimlib/tokenizer"
)

// LoadVocab reads the vocabulary of the model directory dir, of the configuration c.
func LoadVocab(dir string, c recipe.Model) (*tokenizer.Tokenizer, error) {
	path := filepath.Join(dir, run.VocabFile)
	t, err := tokenizer.LoadVocab(path)
	if err != nil {
		return nil, err
	}
	return t, CheckVocab(dir, c, path, t)
}

// CheckVocab returns an error if t, the vocabulary in the file at path, is not the one of the model directory dir, of the
// configuration c: if it is another than the config.json says, or has more tokens than the word embeddings have rows.
func CheckVocab(dir string, c recipe.Model, path string, t *tokenizer.Tokenizer) error {
	config := filepath.Join(dir, run.ConfigFile)
	v, err := recipe.ReadVocabulary(config)
	if err != nil {
		return err
	}
	if size, sum := t.File(); v.SHA256 != "" && sum != v.SHA256 {
		is, want := text.Differing(sum, v.SHA256)
		return fmt.Errorf("%s: is not the vocabulary of the model: %d bytes with a sha256 that begins %s, %s says %d and %s; "+
			"put the model's own there", path, size, is, config, v.Bytes, want)
	}
	if t.VocabSize() > c.VocabSize {
		return fmt.Errorf("%s: %d tokens, but the word embeddings of %s have %d rows; put the model's own vocabulary there", path,
			t.VocabSize(), config, c.VocabSize)
	}
	return nil
}
