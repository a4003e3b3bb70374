// SPDX-License-Identifier: Apache-2.0

// Package tokenizer turns titles into the ids of BERT's WordPiece vocabulary, equal to BertTokenizer of transformers 5.23.0 with
// do_lower_case: control characters dropped, Chinese characters split, accents stripped, lower case, greedy longest match.
//
// A special token that is spelled out in a title, such as [MASK], is that token, as in transformers. The Unicode tables are
// those of the library behind transformers, not Go's (see testdata/tables.py); a test compares every code point.
package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The special tokens, by their names in the vocabulary.
var specialTokens = [...]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}

// maxWordRunes is the length above which a word is unknown without being looked up.
const maxWordRunes = 100

// Tokenizer is a vocabulary and the ids of its special tokens. It is not changed after LoadVocab and may be used by
// several goroutines.
type Tokenizer struct {
	PadID, UnkID, ClsID, SepID, MaskID int32

	ids       map[string]int32
	spellings []string // by id, up to the last that has one
	longest   int      // characters of the longest token
	file      string   // as LoadVocab read it; "" where it was not read
}

// File returns the size and the sha256 in hexadecimal of the file that LoadVocab read.
func (t *Tokenizer) File() (size int64, sum string) {
	digest := sha256.Sum256([]byte(t.file))
	return int64(len(t.file)), hex.EncodeToString(digest[:])
}

// specialIDs returns pointers to the ids in the order of specialTokens.
func (t *Tokenizer) specialIDs() [len(specialTokens)]*int32 {
	return [...]*int32{&t.PadID, &t.UnkID, &t.ClsID, &t.SepID, &t.MaskID}
}

// VocabSize returns the number of ids: all ids are below it.
func (t *Tokenizer) VocabSize() int { return len(t.spellings) }

// Spelling returns a token as the vocabulary has it; "" where the line is empty or there is none.
func (t *Tokenizer) Spelling(id int32) string {
	if id < 0 || int(id) >= len(t.spellings) {
		return ""
	}
	return t.spellings[id]
}

// Special reports whether id is one of the five special tokens, which masking never chooses.
func (t *Tokenizer) Special(id int32) bool {
	return id == t.PadID || id == t.UnkID || id == t.ClsID || id == t.SepID || id == t.MaskID
}

// Tokenize returns the ids of a text, without [CLS] and [SEP] around it.
func (t *Tokenizer) Tokenize(text string) []int32 {
	var ids []int32
	for text != "" {
		start, end, id := t.findSpecial(text)
		for _, word := range words(text[:start]) {
			ids = t.appendPieces(ids, word)
		}
		if start < end {
			ids = append(ids, id)
		}
		text = text[end:]
	}
	return ids
}

// findSpecial returns the bounds and the id of the first special token in text; without one, both bounds are its end.
// Spelling and case must be exact: the search comes before any normalisation.
func (t *Tokenizer) findSpecial(text string) (start, end int, id int32) {
	for at := 0; ; at++ {
		next := strings.IndexByte(text[at:], '[')
		if next < 0 {
			return len(text), len(text), 0
		}
		at += next
		for i, special := range specialTokens {
			if strings.HasPrefix(text[at:], special) {
				return at, at + len(special), *t.specialIDs()[i]
			}
		}
	}
}

// appendPieces appends the ids of a word's pieces: always the longest one in the vocabulary that the rest of the word
// starts with, where a piece that continues a word is spelled with ## before it. A word that cannot be made up so is
// [UNK] as a whole.
func (t *Tokenizer) appendPieces(ids []int32, word []rune) []int32 {
	if len(word) > maxWordRunes {
		return append(ids, t.UnkID)
	}
	known := len(ids)
	var spelling []byte
	for start := 0; start < len(word); {
		spelling = spelling[:0]
		if start > 0 {
			spelling = append(spelling, "##"...)
		}
		prefix := len(spelling)
		end := min(len(word), start+t.longest)
		spelling = append(spelling, string(word[start:end])...)
		for ; end > start; end-- {
			if id, ok := t.ids[string(spelling)]; ok {
				ids = append(ids, id)
				break
			}
			spelling = spelling[:len(spelling)-len(string(word[end-1]))]
		}
		if len(spelling) == prefix {
			return append(ids[:known], t.UnkID)
		}
		start = end
	}
	return ids
}
