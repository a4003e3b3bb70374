// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"slices"
	"strings"
	"testing"
)

// TestForeignBERTConfig reads what programs of several years and people add to the config.json of a BERT, and says what it passed
// over.
func TestForeignBERTConfig(t *testing.T) {
	want, _, err := ReadBERTConfig(write(t, miniLM))
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]struct {
		added  string
		passed []string
	}{
		"transformers 2": {`"_num_labels": 2, "length_penalty": 1.0, "eos_token_ids": null, "max_length": 20, "num_beams": 1, "top_k": 50, "top_p": 1.0,
			"temperature": 1.0, "repetition_penalty": 1.0, "num_return_sequences": 1, "output_past": true, "use_bfloat16": false, "bos_token_id": null`,
			[]string{"_num_labels", "length_penalty", "eos_token_ids", "max_length", "num_beams", "top_k", "top_p", "temperature",
				"repetition_penalty",
				"num_return_sequences"}},
		"transformers 4.50": {`"_attn_implementation_autoset": true, "classifier_dropout": null`,
			[]string{"_attn_implementation_autoset"}},
		"a cross-encoder": {`"sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"`,
			[]string{"sbert_ce_default_activation_function"}},
		"sentence transformers": {`"sentence_transformers": {"version": "4.0"}, "label2id": {"LABEL_0": 0}`,
			[]string{"sentence_transformers"}},
		"StructBERT":        {`"base_model_prefix": "bert"`, []string{"base_model_prefix"}},
		"TinyBERT":          {`"cell": {}, "emb_size": 312, "structure": []`, []string{"cell", "emb_size", "structure"}},
		"a Korean BERT":     {`"embedding_size": 384`, nil},
		"nothing quantized": {`"quantization_config": null, "auto_map": {}, "is_decoder": null, "alibi_starting_size": null`, nil},
	} {
		got, passed, err := ReadBERTConfig(write(t, strings.Replace(miniLM, "{", "{"+k.added+", ", 1)))
		if err != nil || got != want || !slices.Equal(passed, k.passed) {
			t.Errorf("%s: %+v, passed over %q, %v; want %q", name, got, passed, err, k.passed)
		}
	}
}

// TestOwnConfigIsStrict: a model directory of vsim has no unknown keys.
func TestOwnConfigIsStrict(t *testing.T) {
	_, err := DecodeModelConfig([]byte(strings.Replace(goldenConfig, "{", `{"num_beams": 1, `, 1)))
	if err == nil || !strings.Contains(err.Error(), `unknown name "num_beams"`) {
		t.Errorf("error %v", err)
	}
	if _, err := DecodeModelConfig([]byte(strings.Replace(goldenConfig, "{",
		`{"model_type": "bert", "tie_word_embeddings": false, `, 1))); err != nil {
		t.Error(err)
	}
}
