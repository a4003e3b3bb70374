// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/recipe"
)

// Work is the counts of a batch that determine the arithmetic of a step.
type Work struct {
	Videos       float64 // B
	Positions    float64 // Σ s over the videos, s positions of the encoder each
	Attended     float64 // Σ s²: pairs of positions that attention compares
	Frames       float64 // Q: rows of the frames' projection, and keys of the masked-frame loss
	Pooled       float64 // packed rows: pairs of a video and a position, which a pooling runs over as a product; otherwise 0
	MaskedTokens float64 // M
	MaskedFrames float64 // P
}

// PaddedWork counts the arrays of a batch as they are, including padding, fillers and, where videos are packed, the pairs of
// positions of different videos in a row.
func PaddedWork(p *batch.Pretrain) Work {
	text, frames := p.TextIDs.Shape().Dimensions, p.FrameMask.Shape()
	w := Work{
		Videos: float64(text[0]), Frames: float64(frames.Size()),
		MaskedTokens: float64(p.MLMPositions.Shape().Size()), MaskedFrames: float64(p.MFMPositions.Shape().Size()),
	}
	rows, s := w.Videos, float64(text[1])+w.Frames/w.Videos
	if p.Source != nil { // several videos a row
		packed := p.Source.Shape().Dimensions
		rows, s = float64(packed[0]), float64(packed[1])
		w.Pooled = w.Videos * rows * s
	}
	w.Positions, w.Attended = rows*s, rows*s*s
	return w
}

// RealWork counts only the tokens and frames of a batch that are not padding.
func RealWork(p *batch.Pretrain) (Work, error) {
	lengths, err := videoLengths(p)
	if err != nil {
		return Work{}, err
	}
	w := Work{Videos: float64(len(lengths))}
	for _, s := range lengths {
		w.Positions += s
		w.Attended += s * s
	}
	if w.Frames, err = total[int32](p.FrameMask); err != nil {
		return Work{}, err
	}
	if w.MaskedTokens, err = total[float32](p.MLMWeights); err != nil {
		return Work{}, err
	}
	w.MaskedFrames, err = total[float32](p.MFMWeights)
	return w, err
}

// videoLengths are the numbers of real positions of each video.
func videoLengths(p *batch.Pretrain) ([]float64, error) {
	if p.Segment == nil {
		text, err := rowSums(p.TextMask)
		if err != nil {
			return nil, err
		}
		frames, err := rowSums(p.FrameMask)
		for i := range frames {
			text[i] += frames[i]
		}
		return text, err
	}
	videos, err := tensors.CopyFlatData[int32](p.Segment)
	sums := make([]float64, p.TextIDs.Shape().Dimensions[0])
	for _, video := range videos {
		if video >= 0 {
			sums[video]++
		}
	}
	return sums, err
}

// rowSums of a mask [B,S].
func rowSums(mask *tensors.Tensor) ([]float64, error) {
	flat, err := tensors.CopyFlatData[int32](mask)
	if err != nil {
		return nil, err
	}
	dims := mask.Shape().Dimensions
	sums := make([]float64, dims[0])
	for i, x := range flat {
		sums[i/dims[1]] += float64(x)
	}
	return sums, nil
}

// total is the sum of all values.
func total[T int32 | float32](values *tensors.Tensor) (float64, error) {
	flat, err := tensors.CopyFlatData[T](values)
	sum := 0.0
	for _, x := range flat {
		sum += float64(x)
	}
	return sum, err
}

// matmul is one product of matrices in the forward pass.
type matmul struct {
	name    string
	m, n, k float64 // [m,k]·[k,n]
	data    bool    // one side is input data, which has no gradient
}

// read is how many positions of the last layer the heads read where none of them pools it: [CLS], the masked tokens and frames.
func (w Work) read(tags bool, p recipe.Pretrain) (positions float64) {
	if tags {
		positions += w.Videos
	}
	if p.WeightMLM != 0 {
		positions += w.MaskedTokens
	}
	if p.WeightMFM != 0 {
		positions += w.MaskedFrames
	}
	return positions
}

// products are the forward pass of a pretraining step, in matrix products. Attention counts as one product over all pairs of
// positions; a task with weight 0 is left out. What no head reads of the last layer is not computed and does not count.
func products(r recipe.Recipe, w Work) []matmul {
	c, p := r.Model, r.Pretrain
	passes, embedded := 1., 0. // of the encoder, and the number of times that its last layer is pooled
	if p.WeightSimCSE != 0 {
		passes, embedded = 2, 2
	}
	tags := p.WeightTag == nil || *p.WeightTag != 0
	if tags && c.TagInput == recipe.TagEmbedding {
		embedded++ // with SimCSE too, the first pass is pooled twice, which XLA merges
	}
	h, layers := float64(c.HiddenSize), passes*float64(c.NumHiddenLayers)
	behind := w.Positions * layers // positions times layers, behind the attention
	if embedded == 0 {
		behind += w.read(tags, p) - w.Positions
	}
	list := []matmul{
		{"video_fc", passes * w.Frames, h, float64(c.FrameDim), true},
		{"query, key, value", w.Positions, 3 * h * layers, h, false},
		{"scores", w.Attended, layers, h, false},
		{"context", w.Attended, layers, h, false},
		{"attention output", behind, h, h, false},
		{"intermediate", behind, float64(c.IntermediateSize), h, false},
		{"output", behind, h, float64(c.IntermediateSize), false},
	}
	if embedded > 0 {
		list = append(list, matmul{"embedding_fc", embedded * w.Videos, float64(c.EmbeddingDim), h, false})
		if w.Pooled > 0 && c.Pooling != recipe.CLS {
			list = append(list, matmul{"pooling", embedded * w.Pooled, 1, h, !c.AttentionPooling()})
		}
		if c.AttentionPooling() {
			list = append(list, matmul{"attention_pool.dense", embedded * w.Positions, h, h, false},
				matmul{"attention_pool.score", embedded * w.Positions, 1, h, false})
		}
	}
	if p.WeightSimCSE != 0 {
		list = append(list, matmul{"simcse", w.Videos, w.Videos, float64(c.EmbeddingDim), false})
	}
	if tags {
		list = append(list, matmul{"tag_fc", w.Videos, float64(c.NumTags), float64(c.TagWidth()), false})
	}
	if p.WeightMLM != 0 {
		list = append(list, matmul{"cls.transform", w.MaskedTokens, h, h, false},
			matmul{"cls.decoder", w.MaskedTokens, float64(c.VocabSize), h, false})
	}
	if p.WeightMFM != 0 {
		f := float64(c.FrameDim)
		list = append(list, matmul{"mfm.transform", w.MaskedFrames, h, h, false}, matmul{"mfm.decoder", w.MaskedFrames, f, h, false},
			matmul{"frame contrast", w.MaskedFrames, w.Frames, f, true})
	}
	return list
}

// StepFLOPs counts the floating-point operations of one pretraining step, forward and backward, of a resolved recipe on a batch
// with the counts w. The convention is the usual one for model FLOPs:
//
//   - only products of matrices count, [m,k]·[k,n] as 2·m·n·k;
//   - the backward pass is twice the forward one, a product for each side's gradient; but only once where one side is input data
//     (the frames' features, in their projection and as keys of the masked-frame loss), which has none;
//   - what is computed again in the backward pass to save memory does not count, nor do LayerNorm, softmax, GELU, lookups and
//     AdamW.
func StepFLOPs(r recipe.Recipe, w Work) float64 {
	flops := 0.0
	for _, p := range products(r, w) {
		passes := 3.0
		if p.data {
			passes = 2
		}
		flops += passes * 2 * p.m * p.n * p.k
	}
	return flops
}
