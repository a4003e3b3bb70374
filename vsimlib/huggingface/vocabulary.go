// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"vsim/vsimlib/filetype"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/run"
	"vsim/vsimlib/tokenizer"
)

// Files of a tokenizer next to vocab.txt.
const (
	tokenizerFile       = "tokenizer.json"        // all of it, as the tokenizers library saves it
	tokenizerConfigFile = "tokenizer_config.json" // how text is cut into words
)

// vocab is the vocabulary of a model: a file of one token a line, and notes on its tokenizer.
type vocab struct {
	path      string
	temporary string // folder to remove, "" where path is the model's own file
	notes     []string
}

func (v *vocab) remove() {
	if v.temporary != "" {
		_ = os.RemoveAll(v.temporary)
	}
}

// vocabulary finds the vocabulary in dir: vocab.txt, or where transformers 5 has written none, the one inside tokenizer.json. It
// may have fewer tokens than the word embeddings have rows.
func vocabulary(dir string, rows int) (*vocab, error) {
	v := &vocab{path: filepath.Join(dir, run.VocabFile)}
	whole, err := readTokenizer(filepath.Join(dir, tokenizerFile))
	missing := errors.Is(err, os.ErrNotExist)
	_, noText := os.Stat(v.path)
	from := v.path
	switch {
	case noText == nil && err == nil:
		v.notes = whole.differences(v.path)
	case noText == nil && !missing:
		v.notes = []string{fmt.Sprintf("%s was taken; %v", run.VocabFile, err)}
	case errors.Is(noText, os.ErrNotExist) && missing:
		return nil, fmt.Errorf("%s: no such file, and no %s either; copy the vocabulary of the model there", v.path, tokenizerFile)
	case errors.Is(noText, os.ErrNotExist) && err != nil:
		return nil, err
	case errors.Is(noText, os.ErrNotExist):
		from = whole.path
		if err := v.write(whole); err != nil {
			return nil, err
		}
	}
	t, err := tokenizer.LoadVocab(v.path)
	if err == nil && t.VocabSize() > rows {
		err = fmt.Errorf("%s: %d tokens, but the word embeddings of config.json have %d rows", from, t.VocabSize(), rows)
	}
	if err != nil {
		v.remove()
		return nil, err
	}
	v.notes = append(v.notes, tokenizing(dir, whole)...)
	return v, nil
}

// write puts the tokens of a tokenizer.json into a vocab.txt of a temporary folder.
func (v *vocab) write(whole *wholeTokenizer) error {
	lines := whole.lines()
	if _, err := tokenizer.NewVocab(lines); err != nil {
		return fmt.Errorf("%s: %w", whole.path, err)
	}
	var err error
	if v.temporary, err = os.MkdirTemp("", "vsim-vocab-"); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	v.path = filepath.Join(v.temporary, run.VocabFile)
	if err := os.WriteFile(v.path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		v.remove()
		return fmt.Errorf("import: %w", err)
	}
	v.notes = append(v.notes, fmt.Sprintf("%s is made from %s, which has %d tokens", run.VocabFile, tokenizerFile, len(lines)))
	return nil
}

// wholeTokenizer is a tokenizer.json with a WordPiece vocabulary.
type wholeTokenizer struct {
	path       string
	tokens     []string // by id
	added      []string // tokens behind the vocabulary
	normalizer normalizer
	longest    int // characters of a word that is looked up
}

// normalizer is the part of a tokenizer.json that prepares text.
type normalizer struct {
	LowerCase    *bool `json:"lowercase"`
	StripAccents *bool `json:"strip_accents"`
	Chinese      *bool `json:"handle_chinese_chars"`
}

// maxTokenizer is far above the largest published tokenizer.json of a WordPiece vocabulary (about 10 MB).
const maxTokenizer = 256 << 20

// readTokenizer reads a tokenizer.json. Its ids must be 0 to n-1, each once: they are the rows of the word embeddings.
func readTokenizer(path string) (*wholeTokenizer, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxTokenizer {
		return nil, fmt.Errorf("%s: %d bytes are not a tokenizer", path, info.Size())
	}
	var file tokenizerJSON
	if err := jsonfile.Read(path, &file); err != nil {
		return nil, err
	}
	return file.checked(path)
}

// tokenizerJSON is what is read of a tokenizer.json.
type tokenizerJSON struct {
	Normalizer normalizer `json:"normalizer"`
	Added      []struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
	} `json:"added_tokens"`
	Model struct {
		Type    string          `json:"type"`
		Vocab   json.RawMessage `json:"vocab"`
		Longest int             `json:"max_input_chars_per_word"`
	} `json:"model"`
}

// checked returns the tokenizer of the file at path.
func (file tokenizerJSON) checked(path string) (*wholeTokenizer, error) {
	if file.Model.Type != "WordPiece" {
		return nil, fmt.Errorf("%s: the tokenizer is of type %q; a BERT has WordPiece", path, file.Model.Type)
	}
	var ids map[string]int
	if err := json.Unmarshal(file.Model.Vocab, &ids); err != nil {
		return nil, fmt.Errorf("%s: model.vocab: %w", path, err)
	}
	w := &wholeTokenizer{path: path, tokens: make([]string, len(ids)), normalizer: file.Normalizer, longest: file.Model.Longest}
	taken := make([]bool, len(ids))
	for token, id := range ids {
		if id < 0 || id >= len(ids) || taken[id] {
			return nil, fmt.Errorf("%s: model.vocab: %d tokens, but not the ids 0 to %d: token %.100q has %d", path, len(ids), len(ids)-1,
				token, id)
		}
		w.tokens[id], taken[id] = token, true
	}
	for _, a := range file.Added {
		if a.ID >= len(ids) {
			w.added = append(w.added, a.Content)
		}
	}
	return w, nil
}

// lines are the tokens as lines of a vocab.txt. A token that no line can be, since it is, or ends in, white space, becomes an empty
// line: it keeps its id, and no text has it.
func (w *wholeTokenizer) lines() []string {
	lines := slices.Clone(w.tokens)
	for i, token := range lines {
		if strings.ContainsAny(token, "\n\r") || strings.TrimRightFunc(token, unicode.IsSpace) != token {
			lines[i] = ""
		}
	}
	return lines
}

// differences are those of the vocabulary from a vocab.txt, which vsim reads and transformers 5 does not.
func (w *wholeTokenizer) differences(path string) []string {
	data, err := filetype.ReadFile(path)
	if err != nil {
		return nil // tokenizer.LoadVocab says what is wrong
	}
	text := strings.Split(strings.ReplaceAll(strings.TrimRight(string(data), "\r\n"), "\r\n", "\n"), "\n")
	for id, token := range w.tokens {
		if id >= len(text) {
			return []string{fmt.Sprintf("%s was taken, which has %d tokens; %s has %d", run.VocabFile, len(text), tokenizerFile,
				len(w.tokens))}
		}
		if strings.TrimRightFunc(text[id], unicode.IsSpace) != strings.TrimRightFunc(token, unicode.IsSpace) {
			return []string{fmt.Sprintf("%s was taken, where token %d is %q; in %s it is %q", run.VocabFile, id, text[id], tokenizerFile,
				token)}
		}
	}
	return nil
}
