// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
)

// written is config.json as it is written: the model, and what transformers wants to know of a BERT, so that its AutoConfig and
// AutoModel load the directory. The decoder of masked tokens is trained apart from the word embeddings, so they are not tied.
type written struct {
	ModelType         string   `json:"model_type"`
	Architectures     []string `json:"architectures"`
	HiddenAct         string   `json:"hidden_act"`
	TieWordEmbeddings bool     `json:"tie_word_embeddings"`
	Model
	Vocabulary
}

// Vocabulary is what a model directory's config.json says of its vocab.txt, so that one that was altered is noticed. Configs of
// older versions and of other programs do not say it.
type Vocabulary struct {
	Bytes  int64  `json:"vocab_bytes,omitempty"`
	SHA256 string `json:"vocab_sha256,omitempty"`
}

// WriteModelConfig writes a model directory's config.json at path, atomically, without anything of its vocabulary.
func WriteModelConfig(path string, m Model) error { return WriteModelConfigWith(path, m, Vocabulary{}) }

// WriteModelConfigWith is WriteModelConfig with the model's vocabulary.
func WriteModelConfigWith(path string, m Model, v Vocabulary) error {
	if err := m.Validate(); err != nil {
		return fmt.Errorf("%s: not written: %w", path, err)
	}
	return jsonfile.Write(path, written{"bert", []string{"BertForMaskedLM"}, "gelu", false, m, v})
}

// ReadVocabulary reads what the config.json at path says of the vocabulary; the zero value where it says nothing.
func ReadVocabulary(path string) (Vocabulary, error) {
	var v Vocabulary
	return v, jsonfile.Read(path, &v)
}

// ReadModelConfig reads a model directory's config.json. All sizes must be there; what else is missing has BERT's usual
// value (dropout 0.1, initializer_range 0.02, type_vocab_size 2, layer_norm_eps 1e-12, cls_first, mean, cls). Keys that
// Hugging Face's BERT writes are passed over, or checked where another value would mean another model; so are the
// training settings of the reference's Config. Any other key is an error.
func ReadModelConfig(path string) (Model, error) {
	return readConfig(path, DecodeModelConfig)
}

func readConfig(path string, decode func([]byte) (Model, error)) (Model, error) {
	data, err := filetype.ReadFile(path)
	if err != nil {
		return Model{}, err // names the operation, the path and the reason
	}
	m, err := decode(data)
	if err != nil {
		return Model{}, fmt.Errorf("%s: %w%s", path, err, filetype.Hint(data))
	}
	return m, nil
}

// usual is what a config.json may leave out.
func usual() Model {
	return Model{TypeVocabSize: 2, LayerNormEps: 1e-12, Layout: competition.LayoutCLSFirst, Pooling: Mean, TagInput: TagCLS,
		HiddenDropoutProb: 0.1, AttentionProbsDropoutProb: 0.1, InitializerRange: 0.02}
}

// textSizes and videoSizes have no usual value.
var (
	textSizes = []string{"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
		"max_position_embeddings"}
	videoSizes = []string{"frame_dim", "max_frames", "max_text", "num_tags", "embedding_dim"}
)

// DecodeModelConfig is ReadModelConfig for bytes at hand, such as the config of a golden case.
func DecodeModelConfig(data []byte) (Model, error) {
	return decodeConfig(data, usual(), slices.Concat(textSizes, videoSizes), func(_ string, unknown error) error { return unknown })
}

// decodeConfig sets what data gives on m. All required names must be among it; unknown is asked about each unknown key, with the
// error that it is to be.
func decodeConfig(data []byte, m Model, required []string, unknown func(key string, err error) error) (Model, error) {
	entries, err := object(data)
	if err != nil {
		return Model{}, err
	}
	fields := structFields("", &m)
	given := map[string]jsonMember{}
	for _, e := range entries {
		if known, err := ofBERT(e); err != nil {
			return Model{}, err
		} else if known {
			given[e.key] = e
			continue
		}
		f, err := find(fields, "", e.key)
		if err != nil {
			err = unknown(e.key, err)
		} else {
			err = f.decode(e.raw)
		}
		if err != nil {
			return Model{}, err
		}
		given[e.key] = e
	}
	if width, is := given[embeddingSize]; is {
		if err := m.plainEmbeddings(width); err != nil {
			return Model{}, err
		}
	}
	var missing []string
	for _, name := range required {
		if _, is := given[name]; !is {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return Model{}, fmt.Errorf("lacks %s", strings.Join(missing, ", "))
	}
	return m, m.Validate()
}
