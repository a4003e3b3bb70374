// SPDX-License-Identifier: Apache-2.0

package synth

import "unicode/utf8"

// The words of Competition: how many characters they use, and how many words there are for everybody, a category and a topic.
const (
	usedCharacters = 7000
	commonWords    = 30_000
	categoryWords  = 256
	topicWords     = 32
)

// lexicon spells words: a word is a number, and its two characters are a hash of it.
type lexicon struct{ key uint64 }

// text is a line of words with chars characters: half are common, the others of the category or the topic.
func (l lexicon) text(chars, topic int, category int64, s *stream) string {
	b := make([]byte, 0, 3*chars+3)
	for n := 0; n < chars; n += 2 {
		var word uint64
		switch s.below(4) {
		case 0:
			word = 1<<62 | uint64(topic)<<32 | uint64(s.skewed(topicWords))
		case 1:
			word = 1<<61 | uint64(category)<<32 | uint64(s.skewed(categoryWords))
		default:
			word = uint64(s.skewed(commonWords))
		}
		h := hash(l.key, word)
		b = utf8.AppendRune(b, firstCharacter+rune(skew(h&0xffffffff, usedCharacters)))
		if n+1 < chars {
			b = utf8.AppendRune(b, firstCharacter+rune(skew(h>>32, usedCharacters)))
		}
	}
	return string(b)
}
