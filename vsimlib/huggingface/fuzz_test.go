// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
)

// FuzzTokenizer: what is taken for a tokenizer.json has as many lines as tokens, none of them two.
func FuzzTokenizer(f *testing.F) {
	for _, s := range []string{"", "{}", `{"model":{"type":"WordPiece","vocab":{"a":0,"##b":1}},"added_tokens":[{"id":2,"content":"c"}]}`,
		`{"model":{"type":"WordPiece","vocab":{"a":1}}}`, `{"model":{"type":"BPE","vocab":{}}}`,
		`{"model":{"type":"WordPiece","vocab":{"a\n":0," ":1,"":2}}}`, `{"model":{"type":"WordPiece","vocab":[]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var file tokenizerJSON
		err := jsonfile.Decode("tokenizer.json", data, &file)
		var w *wholeTokenizer
		if err == nil {
			w, err = file.checked("tokenizer.json")
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
			return
		}
		lines := w.lines()
		if len(lines) != len(w.tokens) {
			t.Errorf("%d lines of %d tokens", len(lines), len(w.tokens))
		}
		for _, line := range lines {
			if strings.ContainsAny(line, "\n\r") {
				t.Errorf("token %q is two lines", line)
			}
		}
	})
}

// FuzzNames: any name of a tensor becomes a weight's name or a reason, and no wrapper is taken off twice.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"", "module.bert.pooler.dense.weight", "embeddings.LayerNorm.gamma", "_orig_mod.module.x",
		"cls.predictions.bias"} {
		f.Add(s, s)
	}
	m := &matched{}
	f.Fuzz(func(t *testing.T, a, b string) {
		names := []string{a, b}
		prefix := wrapper(names)
		if again := wrapper([]string{strings.TrimPrefix(a, prefix), strings.TrimPrefix(b, prefix)}); again != "" {
			t.Errorf("%q: %q was taken off, and %q again", names, prefix, again)
		}
		if reason, err := m.useless(modelName(a)); (reason == "") == (err == nil) {
			t.Errorf("%q: reason %q, %v", a, reason, err)
		}
		otherPrefix(names)
	})
}
