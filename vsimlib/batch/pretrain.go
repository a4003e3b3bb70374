// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/corpus"
)

// Pretrain is a batch of pretraining. TextIDs of its Inputs are masked, its Frames are the originals.
type Pretrain struct {
	IDs []int64 // of the videos
	Inputs
	FrameMasked  *tensors.Tensor // as FrameMask, 1 = to be zeroed on the device
	MLMPositions *tensors.Tensor // [M] int32, row·T + token, ascending, then fillers 0
	MLMLabels    *tensors.Tensor // [M] int32, the ids before masking
	MLMWeights   *tensors.Tensor // [M] float32, 1 = chosen, 0 = filler
	MFMPositions *tensors.Tensor // [P] int32, row·N + frame (packed: q), ascending, then fillers 0
	MFMWeights   *tensors.Tensor // [P] float32, 1 = chosen, 0 = filler
	Tags         *tensors.Tensor // [B,G] int32, classes, then fillers -1
	TagValid     *tensors.Tensor // [B] float32, 0 = the video's tags are unknown
}

// Tensors returns those of Inputs, FrameMasked, MLMPositions, MLMLabels, MLMWeights, MFMPositions,
// MFMWeights, Tags, TagValid.
func (p *Pretrain) Tensors() []any {
	return append(p.Inputs.Tensors(), p.FrameMasked, p.MLMPositions, p.MLMLabels, p.MLMWeights, p.MFMPositions, p.MFMWeights, p.Tags, p.TagValid)
}

// tagStep is what G is a multiple of. Nearly every batch has 32: the competition's videos have 29 tags at most.
const tagStep = 32

// Pretrain builds the batch of a step. What it hides depends on seed, step and a video's row alone: each word token is chosen
// with MLMProbability (special tokens and [UNK] never), and of the chosen 80% become [MASK], 10% a random id of the vocabulary,
// and 10% stay; each real frame is chosen with MFMProbability. Every chosen position is in the lists.
//
// tagged tells which videos have tags at all (nil: all of them): a test video does not count in the tag loss, while one whose
// tags are all outside the tag list counts with no class set.
//
// Paper: section 2.2. Differs: the paper keeps a tenth of the chosen frames, the released code (followed here) does not.
func (b *Builder) Pretrain(videos []corpus.Video, seed int64, step int, tagged []bool) (*Pretrain, error) {
	return b.PretrainPart(videos, seed, step, 0, tagged)
}

// PretrainPart builds a part of that batch: videos are its rows first, first+1, …, which hide what they hide in the whole of it.
func (b *Builder) PretrainPart(videos []corpus.Video, seed int64, step, first int, tagged []bool) (*Pretrain, error) {
	if tagged != nil && len(tagged) != len(videos) {
		return nil, fmt.Errorf("batch: %d videos but %d marks of tagged ones", len(videos), len(tagged))
	}
	r, err := b.read(videos)
	if err != nil {
		return nil, err
	}
	r.first = first
	c := b.config
	positions, labels := b.maskWords(r, seed, step)
	frameMasked, framePositions := b.maskFrames(r, seed, step)
	m := b.words.budget(c.MLMProbability, r.count, c.text(), len(positions))
	n := b.frames.budget(c.MFMProbability, r.count, c.MaxFrames, len(framePositions))
	p := &Pretrain{
		IDs:          idsOf(videos),
		Inputs:       b.inputs(r),
		FrameMasked:  b.perFrame(frameMasked, r.count),
		MLMPositions: padded(positions, m),
		MLMLabels:    padded(labels, m),
		MLMWeights:   weights(len(positions), m),
		MFMPositions: padded(framePositions, n),
		MFMWeights:   weights(len(framePositions), n),
	}
	p.Tags, p.TagValid = b.targets(videos, tagged)
	return p, nil
}

// maskWords hides words in r.ids and returns where, and what stood there.
func (b *Builder) maskWords(r *rows, seed int64, step int) (positions, labels []int32) {
	t, vocabulary := b.config.text(), uint64(b.tokens.VocabSize())
	for row := range r.count {
		draw := random(seed, streamWords, uint64(step), uint64(r.first+row))
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

// maskFrames chooses real frames: masked, shaped as the frames' mask, is 1 at positions.
func (b *Builder) maskFrames(r *rows, seed int64, step int) (masked, positions []int32) {
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

// targets returns the tag classes [B,G] and which rows count [B].
func (b *Builder) targets(videos []corpus.Video, tagged []bool) (tags, valid *tensors.Tensor) {
	lists, most := make([][]int32, len(videos)), 1
	marks := make([]float32, len(videos))
	for i, v := range videos {
		if tagged == nil || tagged[i] {
			lists[i], marks[i] = b.classes(v.Tags), 1
			most = max(most, len(lists[i]))
		}
	}
	g := roundUp(most, tagStep)
	flat := make([]int32, len(videos)*g)
	for i := range flat {
		flat[i] = -1
	}
	for i, list := range lists {
		copy(flat[i*g:], list)
	}
	return tensors.FromFlatDataAndDimensions(flat, len(videos), g), tensors.FromFlatDataAndDimensions(marks, len(videos))
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
