// SPDX-License-Identifier: Apache-2.0

package tokenizer

import (
	"unicode/utf8"

	"vsim/vsimlib/competition"
)

// MaxText is how many bytes of a title or of a video's speech are tokenised.
const MaxText = 64 << 10

// cut returns the first MaxText bytes of a text, or up to three less where these would end within a character.
func cut(text string) string {
	if len(text) <= MaxText {
		return text
	}
	end := MaxText
	for end > MaxText-utf8.UTFMax+1 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// Encode returns the maxText + maxASR ids of a video's text in a layout, and the attention mask: 1 up to the last [SEP], 0 on the
// padding.
//
//   - cls_first: [CLS] [SEP] title [SEP], which is the pair ("", title). The model moves [CLS] before the frames, the rest follows
//     them. An empty title keeps both [SEP], as in the competition's code and in a batch of transformers 5, where the single call
//     tokenizer("", "") takes the empty title for none and gives [CLS] [SEP].
//   - frames_first, and every other value: [CLS] title [SEP]. The frames are before all text.
//
// A long title loses its end: at most maxText-3 of its tokens remain in cls_first, maxText-2 in frames_first. maxText is at least
// the number of special tokens, as package recipe sees to, and a smaller one cuts those too.
//
// With maxASR, the speech follows the title, and one more [SEP]. The title is cut as if it were alone; the speech gets the room
// that is left, more than maxASR behind a short title, and loses its end too. A video without speech has no further [SEP].
//
// Of a title or speech longer than MaxText bytes the rest is not tokenised.
func (t *Tokenizer) Encode(title, speech, layout string, maxText, maxASR int) (ids, mask []int32) {
	maxText = max(maxText, 0)
	length := maxText + max(maxASR, 0)
	ids = make([]int32, 0, max(maxText, 3))
	ids = append(ids, t.ClsID)
	if layout == competition.LayoutCLSFirst {
		ids = append(ids, t.SepID)
	}
	tokens := t.Tokenize(cut(title))
	room := max(0, maxText-len(ids)-1)
	ids = append(ids, tokens[:min(room, len(tokens))]...)
	ids = append(ids, t.SepID)
	ids = ids[:min(len(ids), maxText)]
	if room := length - len(ids) - 1; maxASR > 0 && room > 0 {
		if said := t.Tokenize(cut(speech)); len(said) > 0 {
			ids = append(append(ids, said[:min(room, len(said))]...), t.SepID)
		}
	}
	mask = make([]int32, length)
	for i := range ids {
		mask[i] = 1
	}
	for len(ids) < length {
		ids = append(ids, t.PadID)
	}
	return ids, mask
}
