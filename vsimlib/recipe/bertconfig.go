// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ReadBERTConfig reads the config.json of a Hugging Face BERT, which knows nothing of video: what frames, tags and
// embedding need and the file does not give is as in the competition. Programs and people add keys of their own to such files;
// those that this package does not know are passed over and returned. The weights' names and shapes say what the network is, and
// the keys that decide more than these do are checked.
func ReadBERTConfig(path string) (m Model, passedOver []string, err error) {
	m, err = readConfig(path, func(data []byte) (m Model, err error) {
		m, passedOver, err = decodeBERTConfig(data)
		return m, err
	})
	return m, passedOver, err
}

// decodeBERTConfig is ReadBERTConfig for bytes at hand.
func decodeBERTConfig(data []byte) (m Model, passedOver []string, err error) {
	like := paper().Model
	start := usual()
	start.FrameDim, start.NumTags = CompetitionSizes.FrameDim, CompetitionSizes.NumTags
	start.MaxFrames, start.MaxText, start.EmbeddingDim = like.MaxFrames, like.MaxText, like.EmbeddingDim
	m, err = decodeConfig(data, start, textSizes, func(key string, _ error) error {
		passedOver = append(passedOver, key)
		return nil
	})
	return m, passedOver, err
}

// decisive are the keys of Hugging Face's BERT under which another value would be another model, with the values that
// are this one, as JSON.
var decisive = map[string][]string{
	"hidden_act":              {`"gelu"`},
	"position_embedding_type": {`"absolute"`, `null`},
	"model_type":              {`"bert"`},
	"is_decoder":              {`false`, `null`},
	"is_encoder_decoder":      {`false`, `null`},
	"add_cross_attention":     {`false`, `null`},
	"auto_map":                {`null`, `{}`}, // the model's own Python code
	"quantization_config":     {`null`, `{}`},
}

// alibi begins the keys of models that attend by distances and have no positions.
const alibi = "alibi_"

// embeddingSize is the width of the word embeddings where it is another than the encoder's, as in ELECTRA and ALBERT. Some BERTs
// give it too, equal to hidden_size.
const embeddingSize = "embedding_size"

// indifferent are the keys that Hugging Face's BERT configurations of all versions have and that change nothing here,
// the reference's training settings, and what ReadVocabulary reads.
var indifferent = strings.Fields(`
	_name_or_path architectures bos_token_id chunk_size_feed_forward classifier_dropout directionality dtype
	eos_token_id id2label label2id output_attentions output_hidden_states output_past
	pad_token_id pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers pooler_size_per_head pooler_type
	problem_type return_dict tie_word_embeddings tokenizer_class torch_dtype transformers_version use_cache
	_attn_implementation attn_implementation cls_token_id sep_token_id mask_token_id num_labels finetuning_task
	do_sample pruned_heads torchscript use_bfloat16 tf_legacy_loss language vocab_file
	vocab_bytes vocab_sha256
	weight_tag weight_mlm weight_mfm lr_encoder lr_heads weight_decay adam_eps warmup_ratio total_steps`)

// ofBERT reports whether e is a key of Hugging Face's BERT that is not part of Model. Its error is that the value belongs to a
// different model.
func ofBERT(e jsonMember) (bool, error) {
	if slices.Contains(indifferent, e.key) || e.key == embeddingSize {
		return true, nil
	}
	values, is := decisive[e.key]
	if !is && strings.HasPrefix(e.key, alibi) {
		values, is = []string{`false`, `null`}, true
	}
	if !is {
		return false, nil
	}
	var compact any
	if err := json.Unmarshal(e.raw, &compact); err != nil {
		return true, err
	}
	value, err := json.Marshal(compact)
	if err != nil {
		return true, err
	}
	if slices.Contains(values, string(value)) {
		return true, nil
	}
	return true, fmt.Errorf("%s: %s is not supported, only %s", e.key, shorten(string(value)), strings.Join(values, " or "))
}

// plainEmbeddings returns an error where the word embeddings and the encoder differ in width.
func (m Model) plainEmbeddings(width jsonMember) error {
	if string(width.raw) == strconv.Itoa(m.HiddenSize) || string(width.raw) == "null" {
		return nil
	}
	return fmt.Errorf("%s: %s, but hidden_size is %d: this is not a BERT model", embeddingSize, shorten(string(width.raw)),
		m.HiddenSize)
}
