// SPDX-License-Identifier: Apache-2.0

package tokenizer

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"vsim/vsimlib/atomicfile"
	"vsim/vsimlib/filetype"
)

// maxVocabBytes is far above the largest published vocab.txt (5 MB) and keeps a wrong file from being read whole.
const maxVocabBytes = 64 << 20

const byteOrderMark = "\uFEFF"

// LoadVocab reads a vocab.txt, a token a line, whose number from 0 is the token's id. As in transformers, white space at
// the end of a line is not part of the token, so files with CRLF mean the same; a line left empty keeps its id, which no
// text gets. The five special tokens must be there, and no token twice.
func LoadVocab(path string) (*Tokenizer, error) {
	text, err := readVocab(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", path, err)
	}
	t, err := parseVocab(text)
	if err != nil {
		hint := filetype.Hint([]byte(text[:min(len(text), filetype.Prefix)]))
		if strings.HasPrefix(text, byteOrderMark) { // the error names it
			hint = ""
		}
		return nil, fmt.Errorf("tokenizer: %s%w%s", path, err, hint)
	}
	t.file = text
	return t, nil
}

// NewVocab is LoadVocab for tokens at hand, such as those of a made-up corpus: a token's index is its id.
func NewVocab(tokens []string) (*Tokenizer, error) {
	t, err := parseVocab(strings.Join(tokens, "\n") + "\n")
	if err != nil {
		return nil, fmt.Errorf("tokenizer: vocabulary%w", err)
	}
	return t, nil
}

func readVocab(path string) (string, error) {
	f, err := filetype.Open(path)
	if err != nil {
		return "", atomicfile.Cause(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxVocabBytes+1))
	switch {
	case err != nil:
		return "", atomicfile.Cause(err)
	case len(data) > maxVocabBytes:
		return "", fmt.Errorf("more than %d bytes are not a vocabulary", maxVocabBytes)
	}
	return string(data), nil
}

// parseVocab's errors start with ":LINE: " or ": ", to follow the path.
func parseVocab(text string) (*Tokenizer, error) {
	if strings.HasPrefix(text, byteOrderMark) {
		return nil, errors.New(":1: starts with a byte order mark, which would become part of the first token")
	}
	t := &Tokenizer{ids: make(map[string]int32, strings.Count(text, "\n")+1)}
	line := int32(0)
	for token := range strings.Lines(text) {
		if !utf8.ValidString(token) {
			return nil, fmt.Errorf(":%d: not UTF-8", line+1)
		}
		token = strings.TrimRightFunc(token, unicode.IsSpace)
		if token != "" {
			if first, ok := t.ids[token]; ok {
				return nil, fmt.Errorf(":%d: token %.100q is on line %d already", line+1, token, first+1)
			}
			t.ids[token] = line
			t.spellings = append(t.spellings, make([]string, int(line)-len(t.spellings))...) // of empty lines
			t.spellings = append(t.spellings, token)
			t.longest = max(t.longest, utf8.RuneCountInString(token))
		}
		line++
	}
	for i, special := range specialTokens {
		id, ok := t.ids[special]
		if !ok {
			return nil, fmt.Errorf(": the special token %s is missing", special)
		}
		*t.specialIDs()[i] = id
	}
	return t, nil
}
