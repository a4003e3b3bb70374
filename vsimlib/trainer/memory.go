// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"fmt"
	"strings"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// Memory is what a training step takes on each device, in bytes, by formula; see stepMemory.
type Memory struct {
	Weights     int64 // those that the stage trains, float32
	Moments     int64 // AdamW's two of each
	Gradients   int64
	Batch       int64 // one batch's arrays
	Copies      int64 // new weights and moments beside the old ones, less the gradients that XLA keeps in their place
	Activations int64 // what the forward pass keeps for the backward one, and the heads' scores
}

// Least is what no program can do without: a step that this does not fit into cannot run.
func (m Memory) Least() int64 { return m.Weights + m.Moments + m.Gradients + m.Batch }

// Total is the estimate of what the step takes.
func (m Memory) Total() int64 { return m.Least() + m.Copies + m.Activations }

// batchesThere is how many batches are on the device while one is trained on: those made ahead, and one under way.
const batchesThere = batch.Ahead + 1

// PretrainMemory is that of a resolved recipe's step shared by so many devices.
func PretrainMemory(r recipe.Recipe, devices int) Memory {
	p, t := r.Pretrain, losses.TasksOf(r.Pretrain)
	rows := p.Batch / max(1, p.Accumulate) / max(1, devices)
	m := stepMemory(r.Model, rows, p.Accumulate, func(name string) bool {
		return !(strings.HasPrefix(name, "tag_fc") && !t.Tag.On || strings.HasPrefix(name, "cls.") && !t.MLM.On || strings.HasPrefix(name, "mfm.") && !t.MFM.On ||
			(strings.HasPrefix(name, "embedding_fc") || strings.HasPrefix(name, "attention_pool")) && !(t.Tag.On && r.Model.TagInput == recipe.TagEmbedding || t.SimCSE.On))
	})
	if t.SimCSE.On { // the encoder's second pass
		m.Activations *= 2
	}
	// Scores of the heads and their gradients. Half as many positions again as are masked on average: batch's lists have room to spare.
	c, scores := r.Model, 0
	if t.Tag.On {
		scores += rows * c.NumTags
	}
	if t.MLM.On {
		scores += int(1.5*p.MLMProbability*float64(rows*c.TextLength())+8) * c.VocabSize
	}
	if t.MFM.On {
		scores += int(1.5*p.MFMProbability*float64(rows*c.MaxFrames)+8) * (rows*c.MaxFrames + c.FrameDim)
	}
	if t.SimCSE.On {
		scores += rows * rows
	}
	m.Activations += 2 * 4 * int64(scores)
	return m
}

// FinetuneMemory is that of a resolved recipe's step shared by so many devices; both sides of a pair are rows.
func FinetuneMemory(r recipe.Recipe, devices int) Memory {
	p := r.Finetune
	return stepMemory(r.Model, 2*p.Batch/max(1, p.Accumulate)/max(1, devices), p.Accumulate, func(name string) bool {
		return optim.Encoder(name) && !strings.HasPrefix(name, "cls.") && !strings.HasPrefix(name, "mfm.") ||
			strings.HasPrefix(name, "embedding_fc") || strings.HasPrefix(name, "attention_pool")
	})
}

// stepMemory is the part that the stages share, of the encoder on rows videos. With P weights in use, B rows of S positions, H
// hidden_size, I intermediate_size, A heads:
//
//	weights 4·P, moments 8·P, gradients 4·P (twice that where they are accumulated), copies 8·P
//	activations of a layer 4·B·S·(12·H + 3·I + 4·A·S)
//
// Twelve rows of H are the layer's input, queries, keys, values, context, both outputs before and after dropout and what the two
// LayerNorms keep; three of I are GELU's input, output and inner value; four of A·S are scores, probabilities, dropout's draw and
// its result. With gradient checkpointing each layer keeps its input, and one layer at a time the rest. bfloat16 halves all of a
// layer but the LayerNorms' and softmax's parts, except on XLA:CPU, which widens it again.
//
// Held against what XLA:CPU plans for its programs (TestMemoryAgainstXLA), the sum is 1.0 to 1.2 of it. The process as a whole had up to
// twice as much on small models: the program, the compiler, and memory that malloc does not give back.
func stepMemory(c recipe.Model, rows, accumulate int, used func(name string) bool) Memory {
	weights := int64(0)
	for name, shape := range multimodal.Shapes(c) {
		if !used(name) {
			continue
		}
		size := int64(1)
		for _, d := range shape {
			size *= int64(d)
		}
		weights += size
	}
	m := Memory{Weights: 4 * weights, Moments: 8 * weights, Gradients: 4 * weights, Copies: 8 * weights}
	if accumulate > 1 {
		m.Copies += 4 * weights
	}
	b, s, h, inner := int64(rows), int64(c.Sequence()), int64(c.HiddenSize), int64(c.IntermediateSize)
	frames := b * int64(c.MaxFrames) * int64(c.FrameDim)
	m.Batch = batchesThere*2*frames + 4*b*s*4

	linear, exact := b*s*(8*h+3*inner), b*s*(4*h+4*int64(c.NumAttentionHeads)*s)
	layer := 4 * (linear + exact)
	if c.ComputeDType == recipe.BFloat16 {
		layer = 2*linear + 4*exact
	}
	layers := int64(c.NumHiddenLayers)
	if c.GradientCheckpointing {
		m.Activations = layers*4*b*s*h + layer
	} else {
		m.Activations = layers * layer
	}
	m.Activations += 2 * 4 * frames // widened, and with the masked ones at zero
	return m
}

// memoryOf is the memory of this session's step under r, on each device.
func (s *session) memoryOf(r recipe.Recipe) Memory {
	if s.stage == "finetune" {
		return FinetuneMemory(r, s.Devices)
	}
	return PretrainMemory(r, s.Devices)
}

// budget is what a step of this session takes and what there is for it.
type budget struct {
	least, total int64
	held         int64 // of that, what this process holds already
	there        int64 // 0: not known
	source       string
}

// lacks tells whether so much of the step's need is more than there is.
func (b budget) lacks(need int64) bool { return b.there > 0 && need-b.held > b.there }

// measure compares the step under r with what is there. A host's devices share its memory, in which the weights are already.
func (s *session) measure(r recipe.Recipe) budget {
	kind := backends.Kind(s.Backend)
	look := s.Memory
	if look == nil {
		look = func() (int64, string) { return backends.AvailableMemory(kind) }
	}
	m := s.memoryOf(r)
	b := budget{least: m.Least(), total: m.Total()}
	b.there, b.source = look()
	if kind != backends.CUDA {
		n := int64(max(1, s.Devices))
		b.least, b.total = n*b.least, n*b.total
		b.held = m.Weights
	}
	return b
}

// checkMemory refuses a step whose least is more than there is, and warns of one whose estimate is. What is not known is let pass.
func (s *session) checkMemory() error {
	b := s.measure(s.Recipe)
	switch {
	case !b.lacks(b.total):
		return nil
	case b.lacks(b.least):
		return fmt.Errorf("%s: out of memory: %s; %s", s.stage, s.planned(b), s.advice(b))
	}
	s.Warn(fmt.Sprintf("%s: memory may not do: %s; %s", s.stage, s.planned(b), s.advice(b)))
	return nil
}

// planned says what a step takes and what is there.
func (s *session) planned(b budget) string {
	m := s.memoryOf(s.Recipe)
	text := fmt.Sprintf("a step takes %s at least and about %s in all (weights %s, moments %s, gradients %s, activations %s)",
		size(b.least), size(b.total), size(m.Weights), size(m.Moments), size(m.Gradients), size(m.Activations))
	if s.Devices > 1 {
		text += fmt.Sprintf(" on %d devices", s.Devices)
	}
	if b.there > 0 {
		text += fmt.Sprintf(", and %s are there (%s)", size(b.there), b.source)
		if b.held > 0 {
			text += " beside the weights"
		}
	}
	return text
}

// advice names settings with which the same batch takes less: of each kind the smallest change that fits.
func (s *session) advice(b budget) string {
	var fit []string
	least := ""
	kinds, joined := s.variants()
	for i, kind := range append(kinds, joined) {
		if i == len(kinds) && len(fit) > 0 {
			break // one change does
		}
		for _, sets := range kind {
			r := s.Recipe.Clone()
			for _, set := range sets {
				if err := r.Set(set); err != nil {
					return err.Error()
				}
			}
			least = strings.Join(sets, " with ")
			if v := s.measure(r); v.total-v.held <= b.there {
				fit = append(fit, least)
				break
			}
		}
	}
	switch {
	case len(fit) > 0:
		return "the same effective batch takes less with " + strings.Join(fit, ", or ")
	case least == "":
		return "only a smaller model, a smaller batch or more memory helps"
	}
	return fmt.Sprintf("the same effective batch takes least with %s; where that is too much, only a smaller model or more memory helps", least)
}

// variants are settings that keep the effective batch and take less memory, by kind, and two kinds joined; within a kind each takes less
// than the one before.
func (s *session) variants() (kinds [][][]string, joined [][]string) {
	name, batch, now := "pretrain.accumulate", s.Recipe.Pretrain.Batch, s.Recipe.Pretrain.Accumulate
	if s.stage == "finetune" {
		name, batch, now = "finetune.accumulate", s.Recipe.Finetune.Batch, s.Recipe.Finetune.Accumulate
	}
	const checkpointing = "model.gradient_checkpointing=true"
	var splits [][]string
	if s.stage == "finetune" && s.Recipe.Finetune.Loss == recipe.SoftmaxPearson { // which is over a whole batch
		batch = 0
	}
	for k := max(1, now) + 1; k <= batch; k++ {
		if batch%k == 0 && batch/k%max(1, s.Devices) == 0 {
			split := fmt.Sprintf("%s=%d", name, k)
			splits, joined = append(splits, []string{split}), append(joined, []string{split, checkpointing})
		}
	}
	if s.Recipe.Model.GradientCheckpointing {
		joined = nil
	} else {
		kinds = append(kinds, [][]string{{checkpointing}})
	}
	if backends.Kind(s.Backend) == backends.CUDA && s.Recipe.Model.ComputeDType != recipe.BFloat16 {
		kinds = append(kinds, [][]string{{"model.compute_dtype=" + recipe.BFloat16}})
	}
	return append(kinds, splits), joined
}

// wants are the words of backends that have no memory left.
var wants = []string{"resource_exhausted", "resource exhausted", "out of memory", "out_of_memory", "failed to allocate", "bad_alloc"}

// outOfMemory is what a backend's error says of a want of memory, on one line; "" where it is another error.
func outOfMemory(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	lower := strings.ToLower(line)
	at := len(line)
	for _, words := range wants {
		if i := strings.Index(lower, words); i >= 0 {
			at = min(at, i)
		}
	}
	if line = line[at:]; len(line) > 200 {
		line = strings.ToValidUTF8(line[:200], "") + "…"
	}
	return line
}

// explain adds to a backend's error for want of memory what was planned and what takes less.
func (s *session) explain(err error) error {
	if err == nil {
		return nil
	}
	said := outOfMemory(err)
	if said == "" {
		return err
	}
	b := s.measure(s.Recipe)
	planned := s.planned(b)
	// The backend knows better than the estimate that this does not fit: what is advised has to take less than this.
	if b.there <= 0 || !b.lacks(b.total) {
		b.there = b.total - b.held - 1
	}
	return fmt.Errorf("out of memory: %s; %s; the backend says: %s", planned, s.advice(b), said)
}

// size is a number of bytes for people.
func size(n int64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}
