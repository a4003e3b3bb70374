// SPDX-License-Identifier: Apache-2.0

package own

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// PairLoss computes the loss of B pairs, a float32 scalar: first and second [B,D] are the embeddings of their sides, rows of
// length one; target [B] are the labels that finetuning trains on, in [0,1].
type PairLoss = func(first, second, target *Node) *Node

// Pooling makes one vector of each video, [B,H] float32: states [B,S,H] are the encoder's last layer at all positions; mask [B,S]
// is 1 at real positions and 0 at padding, float32. It has no weights of its own.
type Pooling = func(states, mask *Node) *Node

// Task computes the loss of a pretraining task, a float32 scalar. It has no weights of its own.
type Task = func(in TaskInputs) *Node

// TaskInputs is what a step of pretraining has for a task. Tokens and frames that other tasks mask are masked in what the encoder
// saw.
type TaskInputs struct {
	States    *Node // [B,S,H] float32, the encoder's last layer
	Mask      *Node // [B,S] float32, 1 at real positions
	Embedding *Node // [B,D] float32, rows of length one

	TextIDs     *Node // [B,T] int32, after masking
	TextMask    *Node // [B,T] int32, 1 = real token
	Frames      *Node // [B,F,R] float32, the originals
	FrameMask   *Node // [B,F] int32, 1 = real frame
	FrameMasked *Node // [B,F] int32, 1 = zeroed in what the encoder saw
	Tags        *Node // [B,J] int32, classes, then fillers -1
	TagValid    *Node // [B] float32, 0 = the video's tags are unknown
}

// list are the inputs in a fixed order.
func (in *TaskInputs) list() []**Node {
	return []**Node{&in.States, &in.Mask, &in.Embedding, &in.TextIDs, &in.TextMask, &in.Frames, &in.FrameMask, &in.FrameMasked,
		&in.Tags, &in.TagValid}
}

// kind is one of the three, as a function of a list of inputs.
type kind struct {
	name    string
	option  string // the function of package nb that registers it
	inputs  []input
	results func(in []*Node) []int // dimensions of the result
}

// input is one of a kind's inputs, with what it is in the made-up batch.
type input struct {
	name    string
	value   any
	trained bool // the gradient with respect to it trains the model
}

// Sizes of the made-up batch: all of them differ, so that a swapped axis shows.
const (
	sampleB, sampleD, sampleF, sampleT, sampleH, sampleR, sampleJ = 5, 6, 3, 4, 8, 9, 2
	sampleS                                                       = sampleF + sampleT
)

var (
	pairLosses = kind{"pair loss", "nb.PairLoss", []input{
		{"first", units(sampleB, sampleD, 0.7), true},
		{"second", units(sampleB, sampleD, 1.3), true},
		{"target", []float32{0.25, 0, 0.75, 0.25, 1}, false},
	}, scalar}
	poolings = kind{"pooling", "nb.Pooling", []input{{"states", sampleStates(), true}, {"mask", sampleMask(), false}},
		func(in []*Node) []int { return []int{in[0].Shape().Dim(0), in[0].Shape().Dim(-1)} }}
	tasks = kind{"pretraining task", "nb.Task", []input{
		{"States", sampleStates(), true},
		{"Mask", sampleMask(), false},
		{"Embedding", units(sampleB, sampleD, 0.7), true},
		{"TextIDs", [][]int32{{2, 9, 4, 3}, {2, 3, 0, 0}, {2, 8, 7, 3}, {2, 5, 3, 0}, {2, 3, 0, 0}}, false},
		{"TextMask", [][]int32{{1, 1, 1, 1}, {1, 1, 0, 0}, {1, 1, 1, 1}, {1, 1, 1, 0}, {1, 1, 0, 0}}, false},
		{"Frames", waves3(sampleB, sampleF, sampleR, 0.9), false},
		{"FrameMask", [][]int32{{1, 1, 1}, {1, 1, 0}, {1, 0, 0}, {0, 0, 0}, {1, 1, 1}}, false},
		{"FrameMasked", [][]int32{{0, 1, 0}, {0, 0, 0}, {1, 0, 0}, {0, 0, 0}, {0, 0, 1}}, false},
		{"Tags", [][]int32{{0, 2}, {1, -1}, {2, -1}, {-1, -1}, {0, 1}}, false},
		{"TagValid", []float32{1, 1, 1, 0, 1}, false},
	}, scalar}
)

func scalar([]*Node) []int { return nil }

// result is the data type of every result.
const result = dtypes.Float32
