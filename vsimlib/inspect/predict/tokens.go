// SPDX-License-Identifier: Apache-2.0

package predict

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/results"
)

// FillIn hides each token of a video's title in turn, with all others and the frames left, and lists the n most probable ones
// that the head of masked tokens (E2) puts there.
func (m *Model) FillIn(video corpus.Video, n int) (results.Filled, error) {
	filled := results.Filled{Title: video.Title, English: m.source.Names[video.ID]}
	hidden, err := m.hideEach(video)
	if err != nil {
		return filled, err
	}
	logits, err := m.run(tokenLogits, hidden.arrays()...)
	if err != nil {
		return filled, err
	}
	width := len(logits) / len(hidden.truth)
	for i, truth := range hidden.truth {
		row := logits[i*width : (i+1)*width]
		p := softmax(row)
		filled.Tokens = append(filled.Tokens, results.FilledToken{Shown: hidden.shown[i], Token: m.tokens.Spelling(truth),
			Probability: p[truth], Rank: rank(row, int(truth)),
			Guesses: guesses(row, p, n, func(id int) string { return m.tokens.Spelling(int32(id)) })})
	}
	return filled, nil
}

// hiddenTokens is a video once for each token of its title, with that token hidden.
type hiddenTokens struct {
	in        batch.Inputs
	positions []int32 // b·T + token
	truth     []int32 // the ids that are hidden
	shown     []string
}

// arrays are the inputs and the positions, as tokenLogits takes them.
func (h hiddenTokens) arrays() []any {
	return append(batch.Values(h.in.Fields(false)), tensors.FromFlatDataAndDimensions(h.positions, len(h.positions)))
}

// hideEach hides the tokens of a video, special ones excepted.
func (m *Model) hideEach(video corpus.Video) (h hiddenTokens, err error) {
	builder, err := m.builder(0, 0)
	if err != nil {
		return h, err
	}
	one, err := builder.Inputs([]corpus.Video{video})
	if err != nil {
		return h, err
	}
	ids, err := tensors.CopyFlatData[int32](one.TextIDs)
	if err != nil {
		return h, fmt.Errorf("predict: %w", err)
	}
	var at []int
	for i, id := range ids {
		if !m.tokens.Special(id) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return h, fmt.Errorf("the title %q has no token to hide; take another video", video.Title)
	}
	copies := make([]corpus.Video, len(at))
	for i := range copies {
		copies[i] = video
	}
	if h.in, err = builder.Inputs(copies); err != nil {
		return h, err
	}
	var all []int32
	for row, position := range at {
		h.positions, h.truth = append(h.positions, int32(row*len(ids)+position)), append(h.truth, ids[position])
		all = append(all, ids...)
		all[len(all)-len(ids)+position] = m.tokens.MaskID
		h.shown = append(h.shown, m.spell(all[len(all)-len(ids):]))
	}
	h.in.TextIDs = tensors.FromFlatDataAndDimensions(all, len(at), len(ids))
	return h, nil
}

// spell writes the tokens of a text in a row, [MASK] but no other special one.
func (m *Model) spell(ids []int32) string {
	var words []string
	for _, id := range ids {
		if id == m.tokens.MaskID || !m.tokens.Special(id) {
			words = append(words, m.tokens.Spelling(id))
		}
	}
	return strings.Join(words, " ")
}

// tokenLogits scores the vocabulary at positions, the array behind the inputs: [M,V].
func tokenLogits(m multimodal.Model, in []*Node) *Node {
	var x multimodal.Inputs
	positions := batch.Fill(x.Fields(false), in)[0]
	return m.TokenLogits(m.EncodeAt(x, m.TokenIndices(x, positions))[0])
}
