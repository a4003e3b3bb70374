// SPDX-License-Identifier: Apache-2.0

package token

// The two layouts of the competition's models.
const (
	// LayoutCLSFirst has [CLS] before the frames and the title behind them. The title is encoded as the pair ("", title):
	// [CLS] [SEP] title [SEP] padding, of which the model takes [CLS] away to the front. An empty title keeps both [SEP],
	// as in the competition's code and in a batch of transformers 5; there the single call tokenizer("", "") alone takes
	// the empty title for none and gives [CLS] [SEP].
	LayoutCLSFirst = "cls_first"
	// LayoutFramesFirst has the frames before all text: [CLS] title [SEP] padding.
	LayoutFramesFirst = "frames_first"
)

// Encode returns the maxText ids of a title in a layout, and the attention mask: 1 up to the last [SEP], 0 on the padding.
// A long title loses its end: at most maxText-3 of its tokens are kept in cls_first, maxText-2 in frames_first. Every
// layout but cls_first is taken for frames_first; maxText is at least the number of special tokens, as package recipe
// sees to, and a smaller one cuts those too.
func (t *Tokenizer) Encode(title, layout string, maxText int) (ids, mask []int32) {
	maxText = max(maxText, 0)
	ids = make([]int32, 0, max(maxText, 3))
	ids = append(ids, t.ClsID)
	if layout == LayoutCLSFirst {
		ids = append(ids, t.SepID)
	}
	tokens := t.Tokenize(title)
	room := max(0, maxText-len(ids)-1)
	ids = append(ids, tokens[:min(room, len(tokens))]...)
	ids = append(ids, t.SepID)
	ids = ids[:min(len(ids), maxText)]
	mask = make([]int32, maxText)
	for i := range ids {
		mask[i] = 1
	}
	for len(ids) < maxText {
		ids = append(ids, t.PadID)
	}
	return ids, mask
}
