// SPDX-License-Identifier: Apache-2.0

package tokenizer

import (
	"strings"
	"testing"
)

// FuzzVocab: whatever is taken for a vocabulary has every token once, at its line.
func FuzzVocab(f *testing.F) {
	special := strings.Join(specialTokens[:], "\n")
	for _, text := range []string{"", special, special + "\n\n##ing\r\na \n", "\uFEFF" + special, special + "\n[PAD]", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseVocab(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
			return
		}
		if v.VocabSize() > strings.Count(text, "\n")+1 {
			t.Errorf("%d tokens in %q", v.VocabSize(), text)
		}
		for token, id := range v.ids {
			if int(id) >= len(v.spellings) || v.spellings[id] != token {
				t.Errorf("token %q has the id %d of another", token, id)
			}
		}
		v.Tokenize("a b ##ing [MASK]")
	})
}
