// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/run"
)

// tokens are those of the fixtures' vocab.txt.
func tokens(t *testing.T) []string {
	return strings.Split(strings.TrimSuffix(string(readFile(t, maskedLM, run.VocabFile)), "\n"), "\n")
}

// wholeFile is a tokenizer.json as transformers 5 saves it.
func wholeFile(t *testing.T, tokens []string, change func(file map[string]any)) []byte {
	t.Helper()
	ids := map[string]any{}
	for id, token := range tokens {
		ids[token] = id
	}
	file := map[string]any{
		"version":      "1.0",
		"added_tokens": []any{map[string]any{"id": 0, "content": "[PAD]", "special": true}},
		"normalizer": map[string]any{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
			"strip_accents": nil, "lowercase": true},
		"model": map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
			"max_input_chars_per_word": 100,
			"vocab":                    ids},
	}
	if change != nil {
		change(file)
	}
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func modelOf(file map[string]any) map[string]any { return file["model"].(map[string]any) }

// withTokenizer is maskedLM with a tokenizer.json, and no vocab.txt unless kept.
func withTokenizer(t *testing.T, keep bool, data []byte) string {
	t.Helper()
	dir := edited(t, tokenizerFile, data)
	if !keep {
		if err := os.Remove(filepath.Join(dir, run.VocabFile)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestVocabularyOfTokenizerJSON: transformers 5 writes tokenizer.json and no vocab.txt.
func TestVocabularyOfTokenizerJSON(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir, report := importTo(t, withTokenizer(t, false, wholeFile(t, tokens(t), nil)))
	if !bytes.Equal(readFile(t, dir, run.VocabFile), readFile(t, maskedLM, run.VocabFile)) {
		t.Errorf("vocab.txt: %q", readFile(t, dir, run.VocabFile))
	}
	if !slices.Contains(report.Notes, "vocab.txt is made from tokenizer.json, which has 31 tokens") {
		t.Errorf("notes %q", report.Notes)
	}
	left, err := filepath.Glob(filepath.Join(temp, "vsim-vocab-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestVocabularyKeepsIDs: a token that a line cannot be keeps its id.
func TestVocabularyKeepsIDs(t *testing.T) {
	list := slices.Clone(tokens(t))
	list[6], list[7], list[8] = "\n", "x ", "\u3000"
	dir, _ := importTo(t, withTokenizer(t, false, wholeFile(t, list, nil)))
	got := strings.Split(string(readFile(t, dir, run.VocabFile)), "\n")
	if got[5] != list[5] || got[6] != "" || got[7] != "" || got[8] != "" || got[9] != list[9] {
		t.Errorf("vocab.txt %q", got)
	}
}

func TestVocabularyRefused(t *testing.T) {
	list := tokens(t)
	for name, k := range map[string]struct {
		data []byte
		want string
	}{
		"neither": {nil, "no such file, and no tokenizer.json either"},
		"another type": {wholeFile(t, list, func(f map[string]any) { modelOf(f)["type"] = "BPE" }),
			`the tokenizer is of type "BPE"; a BERT has WordPiece`},
		"unigram": {wholeFile(t, list, func(f map[string]any) {
			f["model"] = map[string]any{"type": "Unigram", "vocab": []any{[]any{"a", -1.5}}}
		}), `of type "Unigram"`},
		"a gap": {wholeFile(t, list, func(f map[string]any) { modelOf(f)["vocab"].(map[string]any)["[UNK]"] = 99 }),
			"31 tokens, but not the ids 0 to 30"},
		"twice": {wholeFile(t, list, func(f map[string]any) { modelOf(f)["vocab"].(map[string]any)["[UNK]"] = 0 }),
			"31 tokens, but not the ids 0 to 30"},
		"no mask": {wholeFile(t, list, func(f map[string]any) {
			ids := modelOf(f)["vocab"].(map[string]any)
			ids["other"] = ids["[MASK]"]
			delete(ids, "[MASK]")
		}), "the special token [MASK] is missing"},
		"no vocabulary": {wholeFile(t, list, func(f map[string]any) { delete(modelOf(f), "vocab") }), "model.vocab"},
		"a pointer":     {[]byte("version https://git-lfs.github.com/spec/v1\n"), "Git LFS pointer"},
		"too long": {wholeFile(t, append(slices.Clone(list), "b1", "b2", "b3", "b4", "b5", "b6", "b7"), nil),
			"38 tokens, but the word embeddings"},
	} {
		dir := withTokenizer(t, false, []byte("{}"))
		if k.data == nil {
			if err := os.Remove(filepath.Join(dir, tokenizerFile)); err != nil {
				t.Fatal(err)
			}
		} else {
			put(t, dir, tokenizerFile, k.data)
		}
		out := filepath.Join(t.TempDir(), "model")
		_, err := Import(dir, out, nil, 1, false)
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), dir) || strings.Contains(err.Error(),
			"\n") {
			t.Errorf("%s: %v, want %q", name, err, k.want)
		}
		if _, err := os.Lstat(out); err == nil {
			t.Errorf("%s: something was written", name)
		}
	}
}

// TestTokenizerNotes says where the model's tokenizer differs from vsim's.
func TestTokenizerNotes(t *testing.T) {
	list := tokens(t)
	lower := func(value bool) []byte {
		return wholeFile(t, list, func(f map[string]any) { f["normalizer"].(map[string]any)["lowercase"] = value })
	}
	other := slices.Clone(list)
	other[9] = "zz"
	for name, k := range map[string]struct {
		config string // tokenizer_config.json
		whole  []byte // tokenizer.json
		want   []string
	}{
		"as vsim": {`{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "strip_accents": null, "tokenize_chinese_chars": true}`, nil, nil},
		"neither": {"", nil, nil},
		"cased": {`{"do_lower_case": false}`, nil, []string{"tokenizer_config.json: do_lower_case is false, but vsim makes text lower case",
			"accents are kept, but vsim strips them"}},
		"cased, without accents":    {`{"do_lower_case": false, "strip_accents": true}`, nil, []string{"do_lower_case is false"}},
		"accents kept":              {`{"strip_accents": false}`, nil, []string{"strip_accents is false"}},
		"Chinese in one":            {`{"tokenize_chinese_chars": false}`, nil, []string{"tokenize_chinese_chars is false"}},
		"another class":             {`{"tokenizer_class": "RobertaTokenizer"}`, nil, []string{"tokenizer_class is RobertaTokenizer"}},
		"without words":             {`{"do_basic_tokenize": false}`, nil, []string{"do_basic_tokenize is false"}},
		"cased in tokenizer.json":   {"", lower(false), []string{"tokenizer.json: do_lower_case is false", "accents are kept"}},
		"the configuration decides": {`{"do_lower_case": true}`, lower(false), nil},
		"no JSON":                   {`{`, nil, []string{"tokenizer_config.json: the JSON ends too early"}},
		"another vocabulary": {"", wholeFile(t, other, nil),
			[]string{`vocab.txt was taken, where token 9 is "e"; in tokenizer.json it is "zz"`}},
		"a longer vocabulary": {"", wholeFile(t, append(other[:9:9], append(list[9:], "zz")...), nil),
			[]string{"vocab.txt was taken, which has 31 tokens; tokenizer.json has 32"}},
		"another tokenizer": {"", wholeFile(t, list, func(f map[string]any) { modelOf(f)["type"] = "BPE" }),
			[]string{"vocab.txt was taken; ", `of type "BPE"`}},
		"added tokens": {"", wholeFile(t, list, func(f map[string]any) {
			f["added_tokens"] = []any{map[string]any{"id": 31, "content": "<video>"}}
		}), []string{"1 added tokens behind the vocabulary are passed over, such as <video>"}},
		"short words": {"", wholeFile(t, list, func(f map[string]any) { modelOf(f)["max_input_chars_per_word"] = 50 }),
			[]string{"words up to 50 characters"}},
	} {
		dir := edited(t, "note.txt", []byte("x"))
		if k.config != "" {
			put(t, dir, tokenizerConfigFile, []byte(k.config))
		}
		if k.whole != nil {
			put(t, dir, tokenizerFile, k.whole)
		}
		_, report := importTo(t, dir)
		notes := slices.DeleteFunc(report.Notes, func(note string) bool { return strings.HasPrefix(note, decoder) })
		text := strings.Join(notes, "\n")
		for _, want := range k.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: notes %q, want %q", name, notes, want)
			}
		}
		if k.want == nil && len(notes) > 0 {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
}

// TestOwnDirectory: a model directory has what AutoConfig, AutoModel and AutoTokenizer of transformers ask for, and imports without
// a note. It was loaded with transformers 5.24.0 and 4.50.3.
func TestOwnDirectory(t *testing.T) {
	dir, _ := importTo(t, maskedLM)
	for name, want := range map[string]map[string]any{
		run.ConfigFile: {"model_type": "bert", "hidden_act": "gelu", "architectures": []any{"BertForMaskedLM"},
			"tie_word_embeddings": false},
		run.TokenizerConfigFile: {"tokenizer_class": "BertTokenizer", "do_lower_case": true, "strip_accents": nil,
			"tokenize_chinese_chars": true,
			"mask_token":             "[MASK]", "model_max_length": 48.0},
	} {
		var got map[string]any
		if err := json.Unmarshal(readFile(t, dir, name), &got); err != nil {
			t.Fatal(err)
		}
		for key, value := range want {
			if has, is := got[key]; !is || fmt.Sprint(has) != fmt.Sprint(value) {
				t.Errorf("%s: %s is %v, want %v", name, key, has, value)
			}
		}
	}
	if _, _, err := multimodal.Load(dir); err != nil {
		t.Error(err)
	}
	if _, report := importTo(t, dir); len(report.Notes) != 0 {
		t.Errorf("notes %q", report.Notes)
	}
}

// TestImportPassesOver keys of config.json that it does not know, and says so.
func TestImportPassesOver(t *testing.T) {
	config := strings.Replace(string(readFile(t, maskedLM, run.ConfigFile)), "{",
		`{"_num_labels": 2, "num_beams": 1, "base_model_prefix": "bert",`, 1)
	_, report := importTo(t, edited(t, run.ConfigFile, []byte(config)))
	if !slices.Contains(report.Notes, "config.json has keys that say nothing about a BERT's weights and were passed over: _num_labels, num_beams, base_model_prefix") {
		t.Errorf("notes %q", report.Notes)
	}
}
