// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/corpus"
)

// Pretrain is a batch of pretraining on the host.
type Pretrain struct {
	IDs []int64 // of the videos
	PretrainArrays[*tensors.Tensor]
}

// tagStep divides J. Nearly every batch has 32: the competition's videos have 29 tags at most.
const tagStep = 32

// Pretrain builds the batch of a step. What it hides depends on seed, step and the index of a video alone: each token is chosen
// with MLMProbability (special tokens and [UNK] never), and of the chosen 80% become [MASK], 10% a random id of the vocabulary,
// and 10% stay; each real frame is chosen with MFMProbability. Every chosen position is in the lists.
//
// tagged reports for each video whether it has tags at all (nil: all of them do): a test video does not count in the tag loss,
// while a video with no tag from the tag list counts, with no class set.
//
// Paper: section 2.2. Differs: the paper keeps a tenth of the chosen frames, the released code (followed here) does not.
func (b *Builder) Pretrain(videos []corpus.Video, seed int64, step int, tagged []bool) (*Pretrain, error) {
	return b.PretrainPart(videos, seed, step, 0, tagged)
}

// PretrainPart builds a part of that batch: videos are its rows first, first+1, …, which hide the same as in the whole batch.
func (b *Builder) PretrainPart(videos []corpus.Video, seed int64, step, first int, tagged []bool) (*Pretrain, error) {
	if tagged != nil && len(tagged) != len(videos) {
		return nil, fmt.Errorf("batch: %d videos but %d marks of tagged videos", len(videos), len(tagged))
	}
	r, err := b.read(videos)
	if err != nil {
		return nil, err
	}
	r.first = first
	c := b.config
	positions, labels := b.maskTokens(r, seed, step)
	frameMasked, framePositions := b.maskFrames(r, seed, step)
	m := b.masked.budget(c.MLMProbability, r.count, c.text(), len(positions))
	n := b.frames.budget(c.MFMProbability, r.count, c.MaxFrames, len(framePositions))
	p := &Pretrain{IDs: idsOf(videos), PretrainArrays: PretrainArrays[*tensors.Tensor]{
		EncoderArrays: b.inputs(r),
		FrameMasked:   b.perFrame(frameMasked, r.count),
		MLMPositions:  padded(positions, m),
		MLMLabels:     padded(labels, m),
		MLMWeights:    weights(len(positions), m),
		MFMPositions:  padded(framePositions, n),
		MFMWeights:    weights(len(framePositions), n),
	}}
	p.Tags, p.TagValid = b.targets(videos, tagged)
	return p, nil
}

// maskTokens hides tokens in r.ids and returns their positions and their ids before masking.
func (b *Builder) maskTokens(r *reading, seed int64, step int) (positions, labels []int32) {
	t, vocabulary := b.config.text(), uint64(b.tokens.VocabSize())
	for row := range r.count {
		draw := random(seed, streamTokens, uint64(step), uint64(r.first+row))
		for at := row * t; at < (row+1)*t; at++ {
			id := r.ids[at]
			if b.tokens.Special(id) || draw.Float64() >= b.config.MLMProbability {
				continue
			}
			positions, labels = append(positions, int32(at)), append(labels, id)
			switch way := draw.Float64(); {
			case way < 0.8:
				r.ids[at] = b.tokens.MaskID
			case way < 0.9:
				r.ids[at] = int32(draw.Uint64N(vocabulary))
			}
		}
	}
	return positions, labels
}

// maskFrames chooses real frames: masked has the shape of the frames' mask and is 1 at positions.
func (b *Builder) maskFrames(r *reading, seed int64, step int) (masked, positions []int32) {
	masked = make([]int32, len(r.frameMask))
	for row, start := range r.start {
		draw := random(seed, streamFrames, uint64(step), uint64(r.first+row))
		for at := start; at < start+r.shots[row]; at++ {
			if draw.Float64() < b.config.MFMProbability {
				masked[at] = 1
				positions = append(positions, int32(at))
			}
		}
	}
	return masked, positions
}

// targets returns the tag classes [B,J] and, for each video, whether it counts [B].
func (b *Builder) targets(videos []corpus.Video, tagged []bool) (tags, valid *tensors.Tensor) {
	lists, most := make([][]int32, len(videos)), 1
	marks := make([]float32, len(videos))
	for i, v := range videos {
		if tagged == nil || tagged[i] {
			lists[i], marks[i] = b.classes(v.Tags), 1
			most = max(most, len(lists[i]))
		}
	}
	j := roundUp(most, tagStep)
	flat := make([]int32, len(videos)*j)
	for i := range flat {
		flat[i] = -1
	}
	for i, list := range lists {
		copy(flat[i*j:], list)
	}
	return tensors.FromFlatDataAndDimensions(flat, len(videos), j), tensors.FromFlatDataAndDimensions(marks, len(videos))
}

// padded fills values up with zeros to length n.
func padded(values []int32, n int) *tensors.Tensor {
	full := make([]int32, n)
	copy(full, values)
	return tensors.FromFlatDataAndDimensions(full, n)
}

// weights is 1 for the first count of n.
func weights(count, n int) *tensors.Tensor {
	full := make([]float32, n)
	for i := range count {
		full[i] = 1
	}
	return tensors.FromFlatDataAndDimensions(full, n)
}
