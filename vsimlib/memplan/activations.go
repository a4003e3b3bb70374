// SPDX-License-Identifier: Apache-2.0

package memplan

import (
	"math"
	"strings"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/recipe"
)

// The temporaries of a step are most where the backward pass begins or where it ends:
//
//	start  what all layers store for it + scores and gradients of the heads, or the arrays of one layer's gradient + frames
//	end    all gradients + one layer + frames
//
// With gradient checkpointing each layer stores its input, and one layer at a time the rest; on CUDA also a copy of all weights in
// bfloat16, which both passes use.

// layout is what a layer of a model stores for each of its positions on a kind of device, in bytes.
type layout struct {
	model   recipe.Model
	attend  float64 // up to the product of probabilities and values
	forward float64 // all after it: only for positions that a head reads, in the last layer
	input   float64 // the layer's input
	working float64 // of the gradient of one layer
	again   float64 // with gradient checkpointing: of the layer that is computed again, besides what it stores
	copies  float64 // with gradient checkpointing: copies of the weights, of each byte
	score   float64 // a score of a head
}

// layoutOf is that of a model on a kind of device, with width H, intermediate_size X, A heads and sequences of S positions. The
// numbers are fitted to what XLA plans (TestAgainstCompiler, TestAgainstGPUPlans), and hold what the graphs store:
//
//	XLA:CPU, float32   7·H + 3.5·A·S before and 7·H + 3·X after the attention, of 4 bytes
//	XLA:CPU, bfloat16  the same, of 3.3 bytes: the operands of products are bfloat16, their results float32 again
//	CUDA               3·H + 2.5·A·S and 4·H + 2·X in the compute type, the residual stream 2·H in float32
func layoutOf(c recipe.Model, kind string) layout {
	h, x, as := float64(c.HiddenSize), float64(c.IntermediateSize), float64(c.NumAttentionHeads*c.Sequence())
	half := c.ComputeDType == recipe.BFloat16
	if kind != backends.CUDA {
		size := 4.0
		if half {
			size = 3.3
		}
		return layout{model: c, attend: size * (7*h + 3.5*as), forward: size * (7*h + 3*x), input: 4 * h,
			working: 2 * size * x, again: 2 * size * x, score: 2 * 4}
	}
	size, copies := 4.0, 0.0
	if half {
		size, copies = 2, 0.5
	}
	return layout{model: c, attend: size * (3*h + 2.5*as), forward: size*(4*h+2*x) + 2*4*h, input: 4 * h,
		working: 2 * size * x, copies: copies, score: 2 * size}
}

// heads is what the heads of a step take.
type heads struct {
	rows      int   // videos
	read      int   // positions that they read
	scores    int64 // and their gradients have as many
	gradients int64 // bytes of the gradients of the heads' weights
	passes    int   // of the encoder
}

// temporaries estimates those of a step that trains weights of this many bytes, with gradients of this many.
func (l layout) temporaries(weights, gradients int64, on heads) int64 {
	c, rows := l.model, float64(on.rows)
	positions := rows * float64(c.Sequence())
	frames := 2 * 4 * rows * float64(c.MaxFrames) * float64(c.FrameDim) // in float32, and with the masked ones at zero
	layer := positions * (l.attend + l.forward)
	stored := float64(c.NumHiddenLayers-1)*layer + positions*l.attend + float64(on.read)*l.forward
	if c.GradientCheckpointing {
		stored = float64(c.NumHiddenLayers)*positions*l.input + layer + positions*l.again + float64(weights)*l.copies
	}
	scores, last := l.score*float64(on.scores), float64(on.gradients)
	ends := scores + last
	if c.GradientCheckpointing && l.copies > 0 { // XLA then computes these gradients when the scores are gone
		ends = max(scores, last)
	}
	start := float64(on.passes)*(stored+frames) + max(ends, positions*l.working)
	end := float64(gradients) + layer + frames
	return int64(min(max(start, end), tooMuch))
}

// headsOf is what the heads of pretraining take under a resolved recipe, with rows videos.
func headsOf(r recipe.Recipe, t losses.Tasks, rows int) heads {
	c, p, b := r.Model, r.Pretrain, int64(rows)
	on := heads{rows: rows, passes: 1}
	all := rows * c.Sequence()
	weights := func(prefix string) int64 {
		n, _ := weightsOf(c, func(name string) bool { return strings.HasPrefix(name, prefix) })
		return times(4, n)
	}
	if t.Tag.On {
		on.read, on.scores, on.gradients = rows, times(b, int64(c.NumTags)), weights("tag_fc")
		if c.TagInput == recipe.TagEmbedding {
			on.read = all
		}
	}
	if t.MLM.On {
		m := chosen(rows*c.TextLength(), p.MLMProbability)
		on.read, on.scores, on.gradients = on.read+int(m), on.scores+times(m, int64(c.VocabSize)), on.gradients+weights("cls.")
	}
	if t.MFM.On {
		n := chosen(rows*c.MaxFrames, p.MFMProbability)
		on.read, on.gradients = on.read+int(n), on.gradients+weights("mfm.")
		on.scores += times(n, b*int64(c.MaxFrames)+int64(c.FrameDim))
	}
	if t.SimCSE.On {
		on.scores, on.passes = on.scores+times(b, b), 2
	}
	if t.Embeds() {
		on.read = all
	}
	on.read = min(on.read, all)
	return on
}

// chosen is how many of n positions a list has room for that are chosen with probability p: three standard deviations above the
// mean (batch.Builder).
func chosen(n int, p float64) int64 {
	mean := p * float64(n)
	return int64(mean + 3*math.Sqrt(mean*(1-p)) + 8)
}
