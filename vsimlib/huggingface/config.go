// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/recipe"
)

// oldConfigFile is config.json as Google published it with BERT.
const oldConfigFile = "bert_config.json"

// importConfig reads config.json and applies the overrides, of which none may change what the weights decide. It also returns the
// keys of the file that it passed over.
func importConfig(path string, set []string) (m recipe.Model, passedOver []string, err error) {
	given, passedOver, err := recipe.ReadBERTConfig(path)
	if other := filepath.Join(filepath.Dir(path), oldConfigFile); errors.Is(err, os.ErrNotExist) && jsonfile.Exists(other) {
		err = fmt.Errorf("%w; rename %s, which is the same under its name of 2018", err, other)
	}
	if err != nil {
		return given, nil, err
	}
	was, is := recipe.Recipe{Model: given}, recipe.Recipe{Model: given}
	for _, s := range set {
		if !strings.HasPrefix(strings.TrimSpace(s), "model.") {
			return given, nil, fmt.Errorf("setting %q: an import has settings of section model only", s)
		}
		if err := is.Set(s); err != nil {
			return given, nil, err
		}
	}
	for _, d := range was.Diff(is) {
		if decided[strings.TrimPrefix(d.Name, "model.")] {
			return given, nil, fmt.Errorf("setting %s=%s: contradicts the weights, whose %s says %s", d.Name, d.Is, path, d.Was)
		}
	}
	if err := is.Model.Validate(); err != nil {
		return given, nil, fmt.Errorf("%s: with the settings given: %w", path, err)
	}
	return is.Model, passedOver, nil
}

// decided are the names that a BERT's weights fix: their shapes, and what they were trained with.
var decided = map[string]bool{"vocab_size": true, "hidden_size": true, "num_hidden_layers": true, "num_attention_heads": true,
	"intermediate_size": true, "max_position_embeddings": true, "type_vocab_size": true, "layer_norm_eps": true}
