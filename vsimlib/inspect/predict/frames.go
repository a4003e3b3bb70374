// SPDX-License-Identifier: Apache-2.0

package predict

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/product"
	"vsim/vsimlib/results"
)

// Batch draws as many videos of a part as a batch of pretraining has, by the seed of pretraining; all where the part has fewer.
func (m *Model) Batch(part string) ([]corpus.Video, error) {
	set, err := m.source.Corpus.Part(part)
	if err != nil {
		return nil, err
	}
	p := m.source.Recipe.Pretrain
	var videos []corpus.Video
	for _, i := range batch.Order(set.Len(), p.Seed, 0)[:min(p.Batch, set.Len())] {
		v, err := set.Video(int(i))
		if err != nil {
			return nil, err
		}
		videos = append(videos, v)
	}
	return videos, nil
}

// PickFrames hides tokens and frames of videos as the first step of pretraining would, and lists for each hidden frame how the
// head of masked frames (E3) scores every frame of these videos.
func (m *Model) PickFrames(videos []corpus.Video) (results.Picked, error) {
	var picked results.Picked
	for _, v := range videos {
		picked.Titles = append(picked.Titles, v.Title)
	}
	b, err := m.hidden(videos)
	if err != nil {
		return picked, err
	}
	scores, err := m.run(frameScores, append(batch.Values(b.EncoderArrays.Fields(false)), b.FrameMasked, b.MFMPositions)...)
	if err != nil {
		return picked, err
	}
	return picked, addPicks(&picked, b, scores, m.config.MaxFrames)
}

// hidden is the batch of videos with the masks of the first step.
func (m *Model) hidden(videos []corpus.Video) (*batch.Pretrain, error) {
	p := m.source.Recipe.Pretrain
	builder, err := m.builder(p.MLMProbability, p.MFMProbability)
	if err != nil {
		return nil, err
	}
	return builder.Pretrain(videos, p.Seed, 0, nil)
}

// frameScores are the scores of all frames of a batch at positions, p_i·f_j: [P,Q]. The inputs are followed by what is masked of
// the frames and by the positions.
func frameScores(m multimodal.Model, in []*Node) *Node {
	var x multimodal.Inputs
	rest := batch.Fill(x.Fields(false), in)
	masked, positions := rest[0], rest[1]
	original := ConvertDType(x.Frames, dtypes.Float32)
	x.Frames = Mul(original, InsertAxes(OneMinus(ConvertDType(masked, dtypes.Float32)), -1))
	predictions := m.FramePredictions(m.EncodeAt(x, m.FrameIndices(x, positions))[0])
	keys := ConvertDType(Reshape(original, -1, m.Config.FrameDim), predictions.DType())
	return product.Of(predictions, 1, nil, keys, 1, nil)
}

// addPicks enters the candidates and what the scores [P,Q] say of the hidden frames of a batch of at most f frames a video.
func addPicks(picked *results.Picked, b *batch.Pretrain, scores []float32, f int) error {
	real, err := tensors.CopyFlatData[int32](b.FrameMask)
	if err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	positions, err := tensors.CopyFlatData[int32](b.MFMPositions)
	if err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	weights, err := tensors.CopyFlatData[float32](b.MFMWeights)
	if err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	var candidates []int // of Q
	for q, is := range real {
		if is == 1 {
			candidates = append(candidates, q)
			picked.Candidates = append(picked.Candidates, results.FrameOf{Clip: q / f, Frame: q % f})
		}
	}
	for i, weight := range weights {
		if weight == 0 {
			continue // a filler
		}
		var row []float32
		for _, q := range candidates {
			row = append(row, scores[i*len(real)+q])
		}
		picked.Hidden = append(picked.Hidden, pick(row, picked.Candidates, slices.Index(candidates, int(positions[i]))))
	}
	if len(picked.Hidden) == 0 {
		return errors.New("no frame of these videos is hidden; take more videos or another pretrain.seed")
	}
	picked.Summary = summary(*picked)
	return nil
}

// pick is what the scores of candidates say of the hidden frame that is one of them. Where another frame is equal to the hidden
// one, and so are their scores, the hidden one is picked.
func pick(scores []float32, candidates []results.FrameOf, truth int) results.HiddenFrame {
	h := results.HiddenFrame{FrameOf: candidates[truth], True: truth, Picked: highest(scores, 1)[0], Rank: rank(scores, truth)}
	if h.Rank == 1 {
		h.Picked = truth
	}
	all := softmax(scores)
	h.Probability = all[truth]
	for _, p := range all {
		h.Probabilities = append(h.Probabilities, math.Round(p*1e6)/1e6)
	}
	return h
}

// summary counts the picks.
func summary(p results.Picked) results.PickedSummary {
	s := results.PickedSummary{Clips: len(p.Titles), Candidates: len(p.Candidates), Hidden: len(p.Hidden),
		Guess: math.Log(float64(len(p.Candidates)))}
	var ranks []int
	for _, h := range p.Hidden {
		if h.Picked == h.True {
			s.Right++
		}
		if p.Candidates[h.Picked].Clip == h.Clip {
			s.SameClip++
		}
		s.Loss -= math.Log(h.Probability) / float64(len(p.Hidden))
		ranks = append(ranks, h.Rank)
	}
	slices.Sort(ranks)
	s.MedianRank = float64(ranks[(len(ranks)-1)/2]+ranks[len(ranks)/2]) / 2
	s.Information = s.Guess - s.Loss
	return s
}
