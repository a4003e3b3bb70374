// SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"strings"
	"testing"
)

// FuzzModelConfig: a config.json that is taken is valid; any other gives one line of error.
func FuzzModelConfig(f *testing.F) {
	const sizes = `"vocab_size":9,"hidden_size":4,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":8,` +
		`"max_position_embeddings":16`
	for _, s := range []string{"", "{}", "{" + sizes + "}", "{" + sizes + `,"frame_dim":3,"max_frames":2,"max_text":4,"num_tags":5,"embedding_dim":6}`,
		"{" + sizes + `,"hidden_act":"relu"}`, "{" + sizes + `,"embedding_size":4,"x":[{"y":null}]}`, `{"vocab_size":1e99}`,
		`{"hidden_size":4,"hidden_size":5}`, `{"layer_norm_eps":null}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		own, err := DecodeModelConfig(data)
		bert, _, errBERT := decodeBERTConfig(data)
		for _, c := range []struct {
			m   Model
			err error
		}{{own, err}, {bert, errBERT}} {
			if c.err == nil {
				c.err = c.m.Validate()
				if c.err != nil {
					t.Errorf("took what is not valid: %v", c.err)
				}
			} else if strings.ContainsAny(c.err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", c.err)
			}
		}
	})
}

// FuzzSet: any assignment sets a setting or gives one line of error, and a recipe with it is valid or says what is not.
func FuzzSet(f *testing.F) {
	for _, s := range []string{"", "=", "model.hidden_size=64", "pretrain.lr_encoder=1e-3", "finetune.split=strict", "model.layout=",
		"ensemble.weights=[1,2]", "pretrain.weight_tag=null", "model.hidden_size=1e3", "model.x\n=1", "ensemble.members=1,2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, assignment string) {
		r, _ := Preset("tiny")
		err := r.Set(assignment)
		if err == nil {
			err = r.Validate()
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("more than one line: %q", err)
		}
	})
}
