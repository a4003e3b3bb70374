// SPDX-License-Identifier: Apache-2.0

// Package memplan estimates the memory of a training step, compares it with what is available, and names settings that need less.
package memplan

import (
	"strings"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// Memory is the estimate of what a training step takes on each device, in bytes; see activations.go.
type Memory struct {
	Weights     int64 // those that the stage trains, float32
	Moments     int64 // AdamW's two of each
	Averages    int64 // of the weights, where the recipe has them
	Gradients   int64
	Sums        int64 // of the gradients of micro-batches
	Batch       int64 // the arrays of one batch
	Temporaries int64 // all other arrays of the program where most are alive, gradients among them
}

// Least is what no program can do without: a step that does not fit into this much cannot run.
func (m Memory) Least() int64 { return m.Weights + m.Moments + m.Averages + m.Gradients + m.Batch }

// Program is the estimate of what XLA's compiler plans for the step's program.
func (m Memory) Program() int64 {
	return m.Weights + m.Moments + m.Averages + m.Sums + m.Batch + max(m.Gradients, m.Temporaries)
}

// Total is the estimate of what the step takes: its program, and the batches that were built ahead of it.
func (m Memory) Total() int64 { return m.Program() + times(batch.Ahead, m.Batch) }

// OfPretrain estimates the step of pretraining under a resolved recipe, divided among devices of a kind (backends.Kind).
func OfPretrain(r recipe.Recipe, devices int, kind string) Memory {
	p, t := r.Pretrain, losses.TasksOf(r.Pretrain)
	rows := p.Batch / max(1, p.Accumulate) / max(1, devices)
	used := func(name string) bool { return pretrained(r.Model, t, name) }
	read := headsOf(r, t, rows)
	m := stateOf(r.Model, rows, p.Accumulate, p.EMA > 0, used)
	m.Temporaries = max(layoutOf(r.Model, kind).temporaries(m.Weights, m.Gradients, read), m.update(kind))
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
		return t.Tag.On && c.TagInput == recipe.TagEmbedding || t.Embeds()
	}
	return true
}

// OfFinetune estimates the step of finetuning under a resolved recipe, divided among devices of a kind; both sides of a pair
// are rows.
func OfFinetune(r recipe.Recipe, devices int, kind string) Memory {
	p := r.Finetune
	rows := 2 * p.Batch / max(1, p.Accumulate) / max(1, devices)
	m := stateOf(r.Model, rows, p.Accumulate, p.EMA > 0, finetuned)
	encoded := heads{rows: rows, read: rows * r.Model.Sequence(), passes: 1}
	m.Temporaries = max(layoutOf(r.Model, kind).temporaries(m.Weights, m.Gradients, encoded), m.update(kind))
	return m
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

// stateOf is what a step has besides its temporaries: with P weights in use, weights 4·P, moments 8·P and gradients 4·P bytes, 4·P
// more where weights are averaged and where gradients are summed over micro-batches, and the batch of rows videos. XLA writes new
// weights, moments and averages over the old ones.
func stateOf(c recipe.Model, rows, accumulate int, averaged bool, used func(name string) bool) Memory {
	weights, _ := weightsOf(c, used)
	m := Memory{Weights: times(4, weights), Moments: times(8, weights), Gradients: times(4, weights)}
	if accumulate > 1 {
		m.Sums = m.Gradients
	}
	if averaged {
		m.Averages = m.Weights
	}
	b := int64(rows)
	m.Batch = times(2, b, int64(c.MaxFrames), int64(c.FrameDim)) + times(4*4, b, int64(c.Sequence())) // float16; ids and masks
	return m
}

// update is the temporaries of the program that makes the update from sums of gradients; 0 where there is none. XLA:CPU plans
// copies of both moments and some more there, XLA:GPU hardly anything.
func (m Memory) update(kind string) int64 {
	if m.Sums == 0 || kind == backends.CUDA {
		return 0
	}
	return m.Moments + m.Gradients/3
}
