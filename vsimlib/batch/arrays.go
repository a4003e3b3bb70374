// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Field is one array of a batch: its name and the variable that holds it.
type Field[T any] struct {
	Name string
	Rows bool // its first axis is the batch's videos or pairs, which several devices divide among them
	At   *T
}

// The arrays of a batch have a name on both sides: T is *tensors.Tensor on the host and *graph.Node in a program. A program takes
// them one after the other, in the order of the Fields methods and of nothing else.
type (
	// EncoderArrays are what the encoder reads.
	EncoderArrays[T comparable] struct {
		TextIDs          T // [B,T] int32
		TextMask         T // [B,T] int32, 1 = real token
		Frames           T // [B,F,R] float16, zero after the real frames; packed: [Q,R]
		FrameMask        T // [B,F] int32, 1 = real frame; packed: [Q]
		PackingArrays[T]   // zero where the batch is not packed
	}

	// PackingArrays map the real positions of B videos to C rows of L and back (see Pack).
	PackingArrays[T comparable] struct {
		FrameNumber T // [Q] int32, index of the frame in its video; fillers 0
		Source      T // [C,L] int32, number of the position that this element of a row holds; fillers 0
		Segment     T // [C,L] int32, index of its video in the batch; fillers -1
		Slot        T // [B·T+Q] int32, index in C·L of each position; 0 for padding
	}

	// PretrainArrays are what a step of pretraining reads. TextIDs are masked, Frames are the originals.
	PretrainArrays[T comparable] struct {
		EncoderArrays[T]
		FrameMasked  T // as FrameMask, 1 = to be zeroed on the device
		MLMPositions T // [M] int32, b·T + token, ascending, then fillers 0
		MLMLabels    T // [M] int32, the ids before masking
		MLMWeights   T // [M] float32, 1 = chosen, 0 = filler
		MFMPositions T // [P] int32, b·F + frame (packed: q), ascending, then fillers 0
		MFMWeights   T // [P] float32, 1 = chosen, 0 = filler
		Tags         T // [B,J] int32, classes, then fillers -1
		TagValid     T // [B] float32, 0 = the video's tags are unknown
	}

	// PairArrays are what a step of finetuning reads: 2B rows, the first sides of all pairs, then the second sides.
	PairArrays[T comparable] struct {
		EncoderArrays[T]
		Target T // [B] float32, rank-normalised labels
	}

	// TaughtArrays are what a step of finetuning reads where it may have a teacher.
	TaughtArrays[T comparable] struct {
		PairArrays[T]
		Teacher T // [B] float32, the teacher's cosines
	}
)

// Inputs are the encoder's arrays on the host, one row per video.
type Inputs = EncoderArrays[*tensors.Tensor]

// Packing is the arrays of a packing on the host.
type Packing = PackingArrays[*tensors.Tensor]

// Packed reports whether the arrays of a packing are set.
func (a *PackingArrays[T]) Packed() bool {
	var none T
	return a.Source != none
}

// Fields lists the arrays in the order in which programs take them, those of a packing only where packed is true.
func (a *EncoderArrays[T]) Fields(packed bool) []Field[T] {
	list := []Field[T]{
		{"text_ids", true, &a.TextIDs},
		{"text_mask", true, &a.TextMask},
		{"frames", true, &a.Frames},
		{"frame_mask", true, &a.FrameMask},
	}
	if !packed {
		return list
	}
	return append(list,
		Field[T]{"frame_number", false, &a.FrameNumber},
		Field[T]{"source", false, &a.Source},
		Field[T]{"segment", false, &a.Segment},
		Field[T]{"slot", false, &a.Slot},
	)
}

// Fields lists the arrays in the order in which programs take them.
func (a *PretrainArrays[T]) Fields(packed bool) []Field[T] {
	return append(a.EncoderArrays.Fields(packed),
		Field[T]{"frame_masked", true, &a.FrameMasked},
		Field[T]{"mlm_positions", false, &a.MLMPositions},
		Field[T]{"mlm_labels", false, &a.MLMLabels},
		Field[T]{"mlm_weights", false, &a.MLMWeights},
		Field[T]{"mfm_positions", false, &a.MFMPositions},
		Field[T]{"mfm_weights", false, &a.MFMWeights},
		Field[T]{"tags", true, &a.Tags},
		Field[T]{"tag_valid", true, &a.TagValid},
	)
}

// Fields lists the arrays in the order in which programs take them.
func (a *PairArrays[T]) Fields(packed bool) []Field[T] {
	return append(a.EncoderArrays.Fields(packed), Field[T]{"target", true, &a.Target})
}

// Fields lists the arrays in the order in which programs take them; the last only with a teacher (taught).
func (a *TaughtArrays[T]) Fields(packed, taught bool) []Field[T] {
	fields := a.PairArrays.Fields(packed)
	if taught {
		fields = append(fields, Field[T]{"teacher", true, &a.Teacher})
	}
	return fields
}

// Values returns what the fields hold, in their order, as an Exec of GoMLX takes it.
func Values[T any](fields []Field[T]) []any {
	values := make([]any, len(fields))
	for i, f := range fields {
		values[i] = *f.At
	}
	return values
}

// Fill sets the fields to values, in their order, and returns the values that are left. It is for the building of graphs: where
// there are too few values it panics, which GoMLX's Exec turns into an error.
func Fill[T any](fields []Field[T], values []T) (rest []T) {
	for i, f := range fields {
		if i == len(values) {
			exceptions.Panicf("batch: %d arrays, none for %s", len(values), f.Name)
		}
		*f.At = values[i]
	}
	return values[len(fields):]
}
