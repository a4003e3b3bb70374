// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/filetype"
	"vsim/vsimlib/run"
)

// WriteModelConfig writes a model directory's config.json at path, atomically.
func WriteModelConfig(path string, m Model) error {
	if err := m.Validate(); err != nil {
		return fmt.Errorf("%s: not written: %w", path, err)
	}
	return run.WriteJSON(path, m)
}

// ReadModelConfig reads a model directory's config.json. All sizes must be there; what else is missing has BERT's usual
// value (dropout 0.1, initializer_range 0.02, type_vocab_size 2, layer_norm_eps 1e-12, cls_first, mean, cls). Keys that
// Hugging Face's BERT writes are passed over, or checked where another value would mean another model; so are the
// training settings of the reference's Config. Any other key is an error.
func ReadModelConfig(path string) (Model, error) {
	return readConfig(path, DecodeModelConfig)
}

// ReadBERTConfig reads the config.json of a Hugging Face BERT, which knows nothing of video: what frames, tags and
// embedding need and the file does not give is as in the competition.
func ReadBERTConfig(path string) (Model, error) {
	return readConfig(path, decodeBERT)
}

func readConfig(path string, decode func([]byte) (Model, error)) (Model, error) {
	data, err := os.ReadFile(path)
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
	return decodeConfig(data, usual(), slices.Concat(textSizes, videoSizes))
}

func decodeBERT(data []byte) (Model, error) {
	m, like, s := usual(), paper().Model, CompetitionSizes
	m.FrameDim, m.NumTags = s.FrameDim, s.NumTags
	m.MaxFrames, m.MaxText, m.EmbeddingDim = like.MaxFrames, like.MaxText, like.EmbeddingDim
	return decodeConfig(data, m, textSizes)
}

// decodeConfig sets what data gives on m. All required names must be among it.
func decodeConfig(data []byte, m Model, required []string) (Model, error) {
	entries, err := object(data)
	if err != nil {
		return Model{}, err
	}
	fields := structFields("", &m)
	var given []string
	for _, e := range entries {
		if err := otherKey(e); err == nil {
			continue
		} else if !errors.Is(err, errNotOther) {
			return Model{}, err
		}
		f, err := find(fields, "", e.key)
		if err == nil {
			err = f.decode(e.raw)
		}
		if err != nil {
			return Model{}, err
		}
		given = append(given, e.key)
	}
	var missing []string
	for _, name := range required {
		if !slices.Contains(given, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return Model{}, fmt.Errorf("lacks %s", strings.Join(missing, ", "))
	}
	return m, m.Validate()
}

// decisive are the keys of Hugging Face's BERT under which another value would be another model, with the values that
// are this one, as JSON.
var decisive = map[string][]string{
	"hidden_act":              {`"gelu"`},
	"position_embedding_type": {`"absolute"`, `null`},
	"model_type":              {`"bert"`},
	"is_decoder":              {`false`},
	"is_encoder_decoder":      {`false`},
	"add_cross_attention":     {`false`},
	"embedding_size":          nil, // ELECTRA's and ALBERT's
}

// indifferent are the keys that Hugging Face's BERT configurations of all versions hold and that change nothing here,
// and the reference's training settings.
var indifferent = strings.Fields(`
	_name_or_path architectures bos_token_id chunk_size_feed_forward classifier_dropout directionality dtype
	eos_token_id id2label label2id output_attentions output_hidden_states output_past
	pad_token_id pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers pooler_size_per_head pooler_type
	problem_type return_dict tie_word_embeddings tokenizer_class torch_dtype transformers_version use_cache
	_attn_implementation attn_implementation cls_token_id sep_token_id mask_token_id num_labels finetuning_task
	do_sample pruned_heads torchscript use_bfloat16 tf_legacy_loss language vocab_file
	weight_tag weight_mlm weight_mfm lr_encoder lr_heads weight_decay adam_eps warmup_ratio total_steps`)

var errNotOther = errors.New("a key of the model, or an unknown one")

// otherKey returns nil where e is a known key that is not part of Model and has a value that fits.
func otherKey(e entry) error {
	if slices.Contains(indifferent, e.key) {
		return nil
	}
	values, ok := decisive[e.key]
	if !ok {
		return errNotOther
	}
	var compact any
	if err := json.Unmarshal(e.raw, &compact); err != nil {
		return err
	}
	value, err := json.Marshal(compact)
	if err != nil {
		return err
	}
	if slices.Contains(values, string(value)) {
		return nil
	}
	if len(values) == 0 {
		return fmt.Errorf("%s: this is not a BERT model", e.key)
	}
	return fmt.Errorf("%s: %s is not supported, only %s", e.key, shorten(string(value)), strings.Join(values, " or "))
}
