// SPDX-License-Identifier: Apache-2.0

// Package memplan estimates the memory of a training step, compares it with what is available, and names settings that need less.
package memplan

import (
	"slices"
	"strings"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// Memory is the estimate of what a training step takes on each device, in bytes; see estimate.
type Memory struct {
	Weights     int64 // those that the stage trains, float32
	Moments     int64 // AdamW's two of each
	Gradients   int64
	Batch       int64 // the arrays of all batches on the device
	Copies      int64 // new weights and moments besides the old ones, minus the gradients that XLA replaces by them
	Activations int64 // what the forward pass stores for the backward one, and the heads' scores
}

// Least is what no program can do without: a step that does not fit into this much cannot run.
func (m Memory) Least() int64 { return m.Weights + m.Moments + m.Gradients + m.Batch }

// Total is the estimate of what the step takes.
func (m Memory) Total() int64 { return m.Least() + m.Copies + m.Activations }

// batches is how many batches are on the device during a step: those built ahead, and the current one.
const batches = batch.Ahead + 1

// OfPretrain estimates the step of pretraining under a resolved recipe, divided among devices.
func OfPretrain(r recipe.Recipe, devices int) Memory {
	p, t := r.Pretrain, losses.TasksOf(r.Pretrain)
	rows := p.Batch / max(1, p.Accumulate) / max(1, devices)
	m := estimate(r.Model, rows, p.Accumulate, func(name string) bool { return pretrained(r.Model, t, name) })
	if t.SimCSE.On { // the encoder's second pass
		m.Activations *= 2
	}
	// Scores of the heads and their gradients. The lists of masked positions have room for half as many again as the mean.
	c, scores, n := r.Model, int64(0), int64(rows)
	if t.Tag.On {
		scores += times(n, int64(c.NumTags))
	}
	if t.MLM.On {
		scores += times(int64(1.5*p.MLMProbability*float64(rows*c.TextLength())+8), int64(c.VocabSize))
	}
	if t.MFM.On {
		scores += times(int64(1.5*p.MFMProbability*float64(rows*c.MaxFrames)+8), int64(rows*c.MaxFrames+c.FrameDim))
	}
	if t.SimCSE.On {
		scores += times(n, n)
	}
	m.Activations += 2 * 4 * scores
	return m
}

// pretrained reports whether pretraining trains a weight: all but those of heads that no task uses.
func pretrained(c recipe.Model, t losses.Tasks, name string) bool {
	switch {
	case strings.HasPrefix(name, "tag_fc"):
		return t.Tag.On
	case strings.HasPrefix(name, "cls."):
		return t.MLM.On
	case strings.HasPrefix(name, "mfm."):
		return t.MFM.On
	case strings.HasPrefix(name, "embedding_fc"), strings.HasPrefix(name, "attention_pool"):
		return t.Tag.On && c.TagInput == recipe.TagEmbedding || t.SimCSE.On
	}
	return true
}

// OfFinetune estimates the step of finetuning under a resolved recipe, divided among devices; both sides of a pair are rows.
func OfFinetune(r recipe.Recipe, devices int) Memory {
	p := r.Finetune
	return estimate(r.Model, 2*p.Batch/max(1, p.Accumulate)/max(1, devices), p.Accumulate, finetuned)
}

// finetuned reports whether finetuning trains a weight.
func finetuned(name string) bool {
	switch {
	case strings.HasPrefix(name, "embedding_fc"), strings.HasPrefix(name, "attention_pool"):
		return true
	case strings.HasPrefix(name, "cls."), strings.HasPrefix(name, "mfm."):
		return false
	}
	return optim.Encoder(name)
}

// tooMuch is more than any machine has, so that sums of a few such numbers still fit into an int64.
const tooMuch = 1 << 54

// times is the product of factors that are not negative, at most tooMuch.
func times(factors ...int64) int64 {
	if slices.Contains(factors, 0) {
		return 0
	}
	n := int64(1)
	for _, f := range factors {
		if n > tooMuch/f {
			return tooMuch
		}
		n *= f
	}
	return n
}

// weightsOf is how many numbers the used weights of a model have, and the largest of them, each at most tooMuch.
func weightsOf(c recipe.Model, used func(name string) bool) (n, largest int64) {
	for name, shape := range multimodal.Shapes(c) {
		if !used(name) {
			continue
		}
		size := int64(1)
		for _, d := range shape {
			size = times(size, int64(d))
		}
		n, largest = min(n+size, tooMuch), max(largest, size)
	}
	return n, largest
}

// estimate is the part that the stages share, of the encoder on rows videos. With P weights in use, B rows of S positions, width H,
// intermediate_size X and A heads:
//
//	weights 4·P, moments 8·P, gradients 4·P (twice that where they are accumulated), copies 8·P
//	activations of a layer 4·B·S·(12·H + 3·X + 4·A·S)
//
// Twelve arrays of width H are the layer's input, queries, keys, values, context, both outputs before and after dropout and what
// the two LayerNorms store; three of width X are GELU's input, output and inner value; four of A·S are scores, probabilities,
// dropout's draw and its result. With gradient checkpointing each layer stores its input, and one layer at a time the rest.
// bfloat16 halves all of a layer but the parts of LayerNorm and softmax, except on XLA:CPU, which computes in float32 again.
//
// Compared with what XLA:CPU plans for its programs (TestMemoryAgainstXLA), the sum is 1.0 to 1.2 of it. The process as a whole had
// up to twice as much on small models: the program, the compiler, and memory that malloc does not return.
func estimate(c recipe.Model, rows, accumulate int, used func(name string) bool) Memory {
	weights, _ := weightsOf(c, used)
	m := Memory{Weights: 4 * weights, Moments: 8 * weights, Gradients: 4 * weights, Copies: 8 * weights}
	if accumulate > 1 {
		m.Copies += 4 * weights
	}
	b, s, h, inner := int64(rows), int64(c.Sequence()), int64(c.HiddenSize), int64(c.IntermediateSize)
	frames := times(b, int64(c.MaxFrames), int64(c.FrameDim))
	m.Batch = batches*2*frames + 4*4*times(b, s)

	linear, exact := times(b, s, 8*h+3*inner), times(b, s, 4*h+4*times(int64(c.NumAttentionHeads), s))
	layer := 4 * (linear + exact)
	if c.ComputeDType == recipe.BFloat16 {
		layer = 2*linear + 4*exact
	}
	layers := int64(c.NumHiddenLayers)
	if c.GradientCheckpointing {
		m.Activations = times(layers, 4, b, s, h) + layer
	} else {
		m.Activations = times(layers, layer)
	}
	m.Activations += 2 * 4 * frames // in float32, and with the masked ones at zero
	return m
}
