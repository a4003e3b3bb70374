// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/tokenizer"
)

// describe describes a batch of pretraining. padded is the batch with a row per video; packed is the same batch as the model
// computes on it, or nil.
func (s *Source) describe(padded, packed *batch.Pretrain, titles []string) (results.Minibatch, error) {
	out := results.Minibatch{Titles: titles, Kinds: results.KindNames[:], Arrays: pretrainArrays(padded)}
	var err error
	if out.Positions, err = kinds(padded, s.Recipe.Model, s.Tokenizer); err != nil {
		return out, err
	}
	if packed != nil {
		out.Arrays = pretrainArrays(packed)
		if out.Segment, err = ints(packed.Segment); err != nil {
			return out, err
		}
	}
	count(&out)
	return out, nil
}

func pretrainArrays(b *batch.Pretrain) []results.Array {
	return append(inputArrays(b.EncoderArrays),
		arrayOf("frame_masked", b.FrameMasked, "as the frames' mask: 1 for a frame that is zeroed on the device"),
		arrayOf("mlm_positions", b.MLMPositions, "M: positions of the chosen tokens, then fillers"),
		arrayOf("mlm_labels", b.MLMLabels, "M: these tokens before masking (E2's y)"),
		arrayOf("mlm_weights", b.MLMWeights, "M: 1 for a token, 0 for a filler"),
		arrayOf("mfm_positions", b.MFMPositions, "P: which frames were zeroed, then fillers"),
		arrayOf("mfm_weights", b.MFMWeights, "P: 1 for a frame, 0 for a filler"),
		arrayOf("tag_id", b.Tags, "B × most tags: classes (E1's y = 1), then −1"),
		arrayOf("tag_valid", b.TagValid, "B: 0 for a test video, whose tags are unknown"))
}

// kinds is the kind of every position of every video.
func kinds(b *batch.Pretrain, m recipe.Model, tokens *tokenizer.Tokenizer) ([][]int, error) {
	text, frames, err := blocks(b, tokens)
	if err != nil {
		return nil, err
	}
	positions := make([][]int, len(text))
	for row := range positions {
		for _, s := range order(m) {
			if s.text {
				positions[row] = append(positions[row], text[row][s.number])
			} else {
				positions[row] = append(positions[row], frames[row][s.number])
			}
		}
	}
	return positions, nil
}

// blocks is the kinds of the tokens, [B][T], and of the frames, [B][F], of a batch that is not packed.
func blocks(b *batch.Pretrain, tokens *tokenizer.Tokenizer) (text, frames [][]int, err error) {
	var arrays [4][][]int32
	for i, t := range []*tensors.Tensor{b.TextIDs, b.TextMask, b.FrameMask, b.FrameMasked} {
		if arrays[i], err = ints(t); err != nil {
			return nil, nil, err
		}
	}
	ids, textMask, frameMask, zeroed := arrays[0], arrays[1], arrays[2], arrays[3]
	labels, err := chosen(b)
	if err != nil {
		return nil, nil, err
	}
	text, frames = make([][]int, len(ids)), make([][]int, len(ids))
	for row := range ids {
		for at, id := range ids[row] {
			label, hidden := labels[row*len(ids[row])+at]
			text[row] = append(text[row], wordKind(id, label, hidden, textMask[row][at] == 1, tokens))
		}
		for at, real := range frameMask[row] {
			frames[row] = append(frames[row], int(real)*(results.Frame+int(zeroed[row][at])))
		}
	}
	return text, frames, nil
}

// chosen are the tokens before masking at the chosen positions, by the index in B·T.
func chosen(b *batch.Pretrain) (map[int]int32, error) {
	positions, err := ints(b.MLMPositions)
	if err != nil {
		return nil, err
	}
	labels, err := ints(b.MLMLabels)
	if err != nil {
		return nil, err
	}
	weights, err := tensors.CopyFlatData[float32](b.MLMWeights)
	if err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	all := map[int]int32{}
	for i, w := range weights {
		if w == 1 {
			all[int(positions[0][i])] = labels[0][i]
		}
	}
	return all, nil
}

// wordKind is the kind of a token, by its id and the one before masking. A random word that is by chance the old one, one in
// vocab_size, counts as kept.
func wordKind(id, label int32, hidden, real bool, tokens *tokenizer.Tokenizer) int {
	switch {
	case !real:
		return results.Padding
	case hidden && id == label:
		return results.WordKept
	case hidden && id == tokens.MaskID:
		return results.WordMasked
	case hidden:
		return results.WordReplaced
	case tokens.Special(id):
		return results.SpecialToken
	}
	return results.Word
}

// count fills in Work and Count from Positions and Segment.
func count(m *results.Minibatch) {
	b, s := len(m.Positions), len(m.Positions[0])
	real, realPairs := 0, 0
	for _, row := range m.Positions {
		length, before := 0, m.Count.Chosen
		for _, kind := range row {
			switch kind {
			case results.Word:
				m.Count.Words++
			case results.WordMasked, results.WordReplaced, results.WordKept:
				m.Count.Words++
				m.Count.Chosen++
			case results.Frame:
				m.Count.Frames++
			case results.FrameZeroed:
				m.Count.Frames++
				m.Count.Zeroed++
			}
			if kind != results.Padding {
				length++
			}
		}
		if m.Count.Chosen == before {
			m.Count.Without++
		}
		real, realPairs = real+length, realPairs+length*length
	}
	padded := results.Work{Layout: "a row a video, with padding", Rows: b, Length: s, Positions: b * s, Pairs: b * s * s}
	m.Work = []results.Work{padded}
	m.Count.Videos, m.Count.Padding = b, 1-float64(real)/float64(b*s)
	if len(m.Segment) > 0 {
		r, l := len(m.Segment), len(m.Segment[0])
		packed := results.Work{Layout: "packed, several videos a row", Rows: r, Length: l, Positions: r * l, Pairs: r * l * l}
		m.Work = append(m.Work, packed)
		m.Count.Saved = 1 - float64(packed.Positions)/float64(padded.Positions)
		m.Count.PairsLess = 1 - float64(packed.Pairs)/float64(padded.Pairs)
	}
	m.Work = append(m.Work, results.Work{Layout: "real positions alone", Rows: b, Positions: real, Pairs: realPairs})
}
