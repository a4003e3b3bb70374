// SPDX-License-Identifier: Apache-2.0

package predict

import (
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// Tags lists the n tags that the tag head (E1) finds most probable for a video, then the video's own that are not among them.
func (m *Model) Tags(video corpus.Video, n int) ([]results.TagGuess, error) {
	logits, err := m.tagLogits(video)
	if err != nil {
		return nil, err
	}
	shares, err := m.source.TagShares()
	if err != nil {
		return nil, err
	}
	var list []results.TagGuess
	for i, class := range highest(logits, len(logits)) {
		tag := m.source.Tags[class]
		if has := slices.Contains(video.Tags, tag); i < n || has {
			list = append(list, results.TagGuess{Rank: i + 1, Tag: m.source.TagName(tag), Probability: sigmoid(logits[class]),
				Frequency: shares[class], True: has})
		}
	}
	return list, nil
}

// tagLogits scores every tag for a video: [G].
func (m *Model) tagLogits(video corpus.Video) ([]float32, error) {
	builder, err := m.builder(0, 0)
	if err != nil {
		return nil, err
	}
	in, err := builder.Inputs([]corpus.Video{video})
	if err != nil {
		return nil, err
	}
	return m.run(func(m multimodal.Model, in []*Node) *Node {
		x := multimodal.NewInputs(m.Config, in)
		if m.Config.TagInput == recipe.TagEmbedding {
			return m.TagLogits(m.RawEmbedding(m.Encode(x)))
		}
		return m.TagLogits(m.EncodeAt(x, m.CLSIndices(x))[0])
	}, batch.Values(in.Fields(false))...)
}

// sigmoid is 1/(1+e^−x).
func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }
