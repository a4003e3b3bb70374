// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/jsonfile"
)

// tokenizerConfig are the settings of tokenizer_config.json that change tokens.
type tokenizerConfig struct {
	Class        string `json:"tokenizer_class"`
	LowerCase    *bool  `json:"do_lower_case"`
	StripAccents *bool  `json:"strip_accents"`
	Chinese      *bool  `json:"tokenize_chinese_chars"`
	Basic        *bool  `json:"do_basic_tokenize"`
}

// bertClasses are the tokenizers whose settings these are; "" where the file has none.
var bertClasses = []string{"", "BertTokenizer", "BertTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend"}

// tokenizing says where the model's tokenizer cuts text otherwise than vsim's, which makes lower case, strips accents and splits
// Chinese characters, as do_lower_case of BertTokenizer does. whole is nil where there is no tokenizer.json; its settings count
// where tokenizer_config.json has none, as in transformers.
func tokenizing(dir string, whole *wholeTokenizer) (notes []string) {
	var c tokenizerConfig
	path, from := filepath.Join(dir, tokenizerConfigFile), tokenizerConfigFile
	switch err := jsonfile.Read(path, &c); {
	case err != nil && !errors.Is(err, os.ErrNotExist):
		notes = append(notes, fmt.Sprintf("%v; vsim tokenizes as BertTokenizer does with do_lower_case", err))
	case err != nil && whole == nil:
		return nil
	case err != nil:
		from = tokenizerFile
	}
	if whole != nil {
		n := whole.normalizer
		for _, s := range []struct{ own, other **bool }{
			{&c.LowerCase, &n.LowerCase}, {&c.StripAccents, &n.StripAccents}, {&c.Chinese, &n.Chinese},
		} {
			if *s.own == nil {
				*s.own = *s.other
			}
		}
	}
	differs := func(setting, does, where string) {
		notes = append(notes, fmt.Sprintf("%s: %s, but vsim %s: %s give other tokens than in transformers", from, setting, does, where))
	}
	if !slices.Contains(bertClasses, c.Class) {
		differs("tokenizer_class is "+c.Class, "tokenizes as BertTokenizer does", "titles")
	}
	lower := c.LowerCase == nil || *c.LowerCase
	if !lower {
		differs("do_lower_case is false", "makes text lower case", "titles with upper case")
	}
	if strips := c.StripAccents; strips == nil && !lower || strips != nil && !*strips {
		setting := "strip_accents is false"
		if strips == nil {
			setting = "accents are kept"
		}
		differs(setting, "strips them", "titles with accents")
	}
	if c.Chinese != nil && !*c.Chinese {
		differs("tokenize_chinese_chars is false", "makes a word of each Chinese character", "titles with them")
	}
	if c.Basic != nil && !*c.Basic {
		differs("do_basic_tokenize is false", "splits text at white space and punctuation", "titles")
	}
	return append(notes, whole.notes()...)
}

// notes are differences that only tokenizer.json has.
func (w *wholeTokenizer) notes() (notes []string) {
	if w == nil {
		return nil
	}
	if w.longest != 0 && w.longest != 100 {
		notes = append(notes, fmt.Sprintf("%s: words up to %d characters are looked up, in vsim up to 100", tokenizerFile, w.longest))
	}
	if len(w.added) > 0 {
		shown := w.added[:min(len(w.added), 8)]
		notes = append(notes, fmt.Sprintf("%s: %d added tokens behind the vocabulary are passed over, such as %s", tokenizerFile,
			len(w.added),
			strings.Join(shown, " ")))
	}
	return notes
}
