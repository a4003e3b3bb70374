// SPDX-License-Identifier: Apache-2.0

package step

import (
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
)

func (k *golden) side(s string) batch.Inputs {
	in := batch.Inputs{TextIDs: k.input(s + ".text_ids"), TextMask: k.input(s + ".text_mask"), Frames: k.input(s + ".frames"),
		FrameMask: k.input(s + ".frame_mask")}
	return k.packed(in, k.ints(s+".text_mask"), k.ints(s+".frame_mask"))
}

// pairs are both sides as one batch.
func (k *golden) pairs() *batch.PairArrays[*tensors.Tensor] {
	both := func(name string) *tensors.Tensor {
		a, b := k.inputs["a."+name], k.inputs["b."+name]
		shape := append([]int{2 * a.Shape[0]}, a.Shape[1:]...)
		if a.DType == "F32" {
			return tensors.FromFlatDataAndDimensions(slices.Concat(k.floats(a), k.floats(b)), shape...)
		}
		return tensors.FromFlatDataAndDimensions(slices.Concat(k.ints("a."+name), k.ints("b."+name)), shape...)
	}
	in := batch.Inputs{TextIDs: both("text_ids"), TextMask: both("text_mask"), Frames: both("frames"), FrameMask: both("frame_mask")}
	mask := func(name string) []int32 { return slices.Concat(k.ints("a."+name), k.ints("b."+name)) }
	return &batch.PairArrays[*tensors.Tensor]{EncoderArrays: k.packed(in, mask("text_mask"), mask("frame_mask")),
		Target: k.input("target")}
}

// packed turns the arrays of videos with these masks into a packing, where the model packs: real frames and, so that there is one,
// a filler.
func (k *golden) packed(in batch.Inputs, textMask, frameMask []int32) batch.Inputs {
	if !k.config.Packs() {
		return in
	}
	f, width := k.config.MaxFrames, k.config.FrameDim
	wide := flat(k.T, in.Frames)
	var real []float32
	counts := make([]int, len(frameMask)/f)
	for at, is := range frameMask {
		if is == 1 {
			real = append(real, wide[at*width:(at+1)*width]...)
			counts[at/f]++
		}
	}
	real = append(real, make([]float32, width)...)
	q := len(real) / width
	in.Frames, in.FrameMask = tensors.FromFlatDataAndDimensions(real, q, width), vector(k.realFrames(frameMask, frameMask))
	in.PackingArrays = batch.Pack(textMask, counts, q, k.config.Sequence(), 0)
	return in
}

// realFrames returns values [B·F] as the batch has them: where the model packs, those of real frames, and 0 of the filler.
func (k *golden) realFrames(values, frameMask []int32) []int32 {
	if !k.config.Packs() {
		return values
	}
	var list []int32
	for at, real := range frameMask {
		if real == 1 {
			list = append(list, values[at])
		}
	}
	return append(list, 0)
}

func vector[T int32 | float32](values []T) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, len(values))
}

// chosen lists the positions for which keep is true, with a filler of weight 0 so that there is always a row.
func chosen(values []int32, keep func(int32) bool) (positions []int32, weights []float32) {
	for i, v := range values {
		if keep(v) {
			positions, weights = append(positions, int32(i)), append(weights, 1)
		}
	}
	return append(positions, 0), append(weights, 0)
}

// batch returns side a as the arrays of a pretraining batch.
func (k *golden) batch() *batch.PretrainArrays[*tensors.Tensor] {
	labels, tags := k.ints("a.mlm_labels"), k.ints("a.tags")
	masked := k.realFrames(k.ints("a.frame_masked"), k.ints("a.frame_mask"))
	words, wordWeights := chosen(labels, func(v int32) bool { return v >= 0 })
	wordLabels := make([]int32, len(words))
	for i, p := range words {
		wordLabels[i] = max(0, labels[p])
	}
	frames, frameWeights := chosen(masked, func(v int32) bool { return v != 0 })
	b, n := k.info.Batch, k.config.NumTags
	list, valid := make([]int32, b*n), make([]float32, b)
	for i := range b {
		next := i * n
		for c := range n {
			list[i*n+c] = -1
			if tags[i*n+c] != 0 {
				list[next] = int32(c)
				next++
			}
		}
		valid[i] = 1
	}
	hidden := vector(masked)
	if !k.config.Packs() {
		hidden = tensors.FromFlatDataAndDimensions(masked, b, k.config.MaxFrames)
	}
	return &batch.PretrainArrays[*tensors.Tensor]{
		EncoderArrays: k.side("a"), FrameMasked: hidden,
		MLMPositions: vector(words), MLMLabels: vector(wordLabels), MLMWeights: vector(wordWeights),
		MFMPositions: vector(frames), MFMWeights: vector(frameWeights),
		Tags: tensors.FromFlatDataAndDimensions(list, b, n), TagValid: vector(valid),
	}
}
