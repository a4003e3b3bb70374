// SPDX-License-Identifier: Apache-2.0

package memplan

import (
	"fmt"
	"slices"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/recipe"
)

// Stage is a stage of training, by the name of its section in the recipe.
type Stage string

// The stages of training.
const (
	Pretrain Stage = "pretrain"
	Finetune Stage = "finetune"
)

// Plan is a training step and the memory that is available for it.
type Plan struct {
	Stage     Stage
	Recipe    recipe.Recipe                       // resolved
	Examples  []int                               // how many videos or pairs each series of epochs has; none: enough for a batch
	Devices   int                                 // that divide each batch; 0: one
	Kind      string                              // of the backend (backends.Kind)
	Available func() (bytes int64, source string) // 0 where it is unknown; nil: what the system reports
	Fresh     bool                                // the weights are not in memory yet
}

// saving is the host's memory in bytes that a save takes: a buffer for each of its files. On a CPU the files are written from the
// arrays of the step themselves (package checkpoint/saver); from a GPU the host also takes the largest one, which is not the GPU's
// memory. What the system caches of the files makes way for the step.
const saving = 3 << 20

// budget is what a step takes and what is available for it, in bytes.
type budget struct {
	least, total int64
	held         int64 // of these, what this process has already allocated
	available    int64 // 0: unknown
	source       string
}

// exceeded reports whether a need is above what is available.
func (b budget) exceeded(need int64) bool { return b.available > 0 && need-b.held > b.available }

// memory estimates the stage's largest step under r, on each device.
func (p Plan) memory(r recipe.Recipe) Memory {
	largest := slices.Max(p.sizes())
	if p.Stage == Finetune {
		r.Finetune.Batch = largest
		return OfFinetune(r, p.Devices, p.Kind)
	}
	r.Pretrain.Batch = largest
	return OfPretrain(r, p.Devices, p.Kind)
}

// ProgramOf is the estimate of what the compiler plans for the program of a plan's largest step.
func ProgramOf(p Plan) int64 { return p.memory(p.Recipe).Program() }

// batch is the stage's batch in the recipe.
func (p Plan) batch() int {
	if p.Stage == Finetune {
		return p.Recipe.Finetune.Batch
	}
	return p.Recipe.Pretrain.Batch
}

// sizes are those of the batches that the steps really have: no step has more examples than there are.
func (p Plan) sizes() []int {
	list := []int{}
	for _, n := range p.Examples {
		if n > 0 {
			list = append(list, min(p.batch(), n))
		}
	}
	if len(list) == 0 {
		list = append(list, p.batch())
	}
	return list
}

// oneStep says that a batch exceeds the examples that there are, "" where none does.
func oneStep(p Plan) string {
	of := []string{"the corpus' %d videos", "the %d videos of pairwise"}
	if p.Stage == Finetune {
		of = []string{"the split's %d training pairs"}
	}
	for i, n := range p.Examples {
		if i < len(of) && n > 0 && p.batch() > n {
			return fmt.Sprintf("%s.batch %d exceeds %s: each epoch is one step", p.Stage, p.batch(), fmt.Sprintf(of[i], n))
		}
	}
	return ""
}

// budget compares the step under r with what is available.
func (p Plan) budget(r recipe.Recipe) budget {
	available := p.Available
	if available == nil {
		available = func() (int64, string) { return backends.AvailableMemory(p.Kind) }
	}
	b := need(p, r)
	b.available, b.source = available()
	return b
}

// need is what the step takes under r. The devices of a host share its memory, in which the weights are already.
func need(p Plan, r recipe.Recipe) budget {
	m := p.memory(r)
	b := budget{least: m.Least(), total: m.Total()}
	if p.Kind != backends.CUDA {
		n := int64(max(1, p.Devices))
		b.least, b.total = times(n, b.least), times(n, b.total)+saving
		if !p.Fresh {
			b.held = m.Weights
		}
	}
	return b
}

// describe says what a step takes and what is available.
func (p Plan) describe(b budget) string {
	m := p.memory(p.Recipe)
	averages := ""
	if m.Averages > 0 {
		averages = fmt.Sprintf("averages %s, ", size(m.Averages))
	}
	text := fmt.Sprintf("a step takes %s at least and about %s in all (weights %s, moments %s, %sgradients %s, activations %s)",
		size(b.least), size(b.total), size(m.Weights), size(m.Moments), averages, size(m.Gradients),
		size(max(0, m.Temporaries-m.Gradients)))
	if p.Devices > 1 {
		text += fmt.Sprintf(" on %d devices", p.Devices)
	}
	if b.available > 0 {
		text += fmt.Sprintf(", and %s are available (%s)", size(b.available), b.source)
		if b.held > 0 {
			text += " besides the weights"
		}
	}
	return text
}

// size formats a number of bytes.
func size(n int64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}
