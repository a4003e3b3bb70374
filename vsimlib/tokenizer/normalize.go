// SPDX-License-Identifier: Apache-2.0

package tokenizer

import "unicode"

// words cuts text into the words that WordPiece looks up: normalised as BERT does it, split at white space, with every
// punctuation mark a word of its own. The words are slices of one array.
func words(text string) [][]rune {
	runes := lower(stripMarks(decompose(spaceIdeographs(clean(text)))))
	var list [][]rune
	start := 0
	flush := func(end int) {
		if start < end {
			list = append(list, runes[start:end])
		}
		start = end + 1
	}
	for i, r := range runes {
		switch {
		case unicode.IsSpace(r):
			flush(i)
		case unicode.Is(punctuation, r):
			flush(i)
			list = append(list, runes[i:i+1])
		}
	}
	flush(len(runes))
	return list
}

// clean drops control and other invisible characters, and U+FFFD, to which every byte of invalid UTF-8 decodes; it makes
// all white space a plain space.
func clean(text string) []rune {
	runes := make([]rune, 0, len(text))
	for _, r := range text {
		switch {
		case r == '\t' || r == '\n' || r == '\r': // control characters, but white space first
			runes = append(runes, ' ')
		case unicode.Is(dropped, r):
		case unicode.IsSpace(r):
			runes = append(runes, ' ')
		default:
			runes = append(runes, r)
		}
	}
	return runes
}

// spaceIdeographs puts a space on both sides of every Chinese character.
func spaceIdeographs(runes []rune) []rune {
	out := make([]rune, 0, 3*len(runes))
	for _, r := range runes {
		if unicode.Is(ideographs, r) {
			out = append(out, ' ', r, ' ')
		} else {
			out = append(out, r)
		}
	}
	return out
}

// stripMarks drops the non-spacing marks, in place.
func stripMarks(runes []rune) []rune {
	out := runes[:0]
	for _, r := range runes {
		if !unicode.Is(nonspacingMarks, r) {
			out = append(out, r)
		}
	}
	return out
}

// lower makes every character lower case by itself (no final sigma), in place. The one character whose lower case is two,
// U+0130, has been decomposed before.
func lower(runes []rune) []rune {
	for i, r := range runes {
		if late, ok := lateLower[r]; ok {
			runes[i] = late
		} else {
			runes[i] = unicode.ToLower(r)
		}
	}
	return runes
}
