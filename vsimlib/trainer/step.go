// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tokenizer"
)

// PretrainBuilder returns the builder of pretraining's batches under a resolved recipe, for so many devices (0: one). A task that is off
// masks nothing.
func PretrainBuilder(r recipe.Recipe, devices int, tok *tokenizer.Tokenizer, tags []int64) (*batch.Builder, error) {
	m, t := computed(r, devices).Model, losses.TasksOf(r.Pretrain)
	config := batch.ConfigOf(m)
	if t.MLM.On {
		config.MLMProbability = r.Pretrain.MLMProbability
	}
	if t.MFM.On {
		config.MFMProbability = r.Pretrain.MFMProbability
	}
	return batch.NewBuilder(config, tok, tags)
}

// PretrainStep is the training step of Pretrain by itself, without a corpus and a run directory: the same batches, programs and
// optimiser, on fresh weights. It is there for who measures it.
type PretrainStep struct {
	recipe  recipe.Recipe
	builder *batch.Builder
	session *session
	*advancer
	rates func(step int) *tensors.Tensor
	next  int
}

// Batch is that of one step, on the devices.
type Batch struct{ example }

// NewPretrainStep draws the weights of o.Recipe, which is resolved, on o.Backend and so many of its devices; of the other options it minds
// Warn and Memory. The schedule of the learning rate has so many steps. The programs are compiled in the first call of Step.
func NewPretrainStep(o Options, builder *batch.Builder, steps int) (*PretrainStep, error) {
	s, p := &session{Options: o, stage: "pretrain"}, o.Recipe.Pretrain
	r := s.computed()
	if s.Warn == nil {
		s.Warn = func(string) {}
	}
	if err := s.splits(p.Batch, p.Batch, p.Accumulate); err != nil {
		return nil, err
	}
	var err error
	if s.placement, err = place(o.Backend, o.Devices); err != nil {
		return nil, err
	}
	if s.store, err = multimodal.NewStore(r.Model, p.Seed); err != nil {
		return nil, err
	}
	if err := s.checkMemory(); err != nil {
		return nil, err
	}
	adam := optim.Config{LREncoder: p.LREncoder, LRHeads: p.LRHeads, WeightDecay: p.WeightDecay, Eps: p.AdamEps, TotalSteps: steps,
		Warmup: int(p.WarmupRatio * float64(steps))}
	l := &loop{session: s, plan: plan{seed: p.Seed}}
	l.pretraining(r, adam)
	a, err := newAdvancer(l)
	if err != nil {
		return nil, err
	}
	rates := func(step int) *tensors.Tensor { return adam.Rates(step, step+1) }
	return &PretrainStep{recipe: r, builder: builder, session: s, advancer: a, rates: rates}, nil
}

// Build makes the arrays of a step from its videos: one batch, or the recipe's micro-batches. They are still on the host.
func (s *PretrainStep) Build(step int, videos []corpus.Video) ([]*batch.Pretrain, error) {
	return pretrainBatches(s.builder, s.recipe.Pretrain, step, videos, nil)
}

// Put moves what Build has made to the devices; several at a time may be under way, as in training.
func (s *PretrainStep) Put(parts []*batch.Pretrain) (Batch, error) {
	e, err := pretrainExample(s.recipe.Pretrain, parts)
	if err == nil {
		err = s.upload(e)
	}
	return Batch{e}, err
}

// Step trains on one batch and returns the losses (total, tag, mlm, mfm and, where it is on, simcse) once the devices are done with it. It gives the batch's
// memory back.
func (s *PretrainStep) Step(b Batch) ([]float32, error) {
	losses, ok, err := s.advance(s.next, b.example, s.rates(s.next))
	if err != nil {
		return nil, s.session.explain(err)
	}
	if !ok {
		return losses, errNotFinite
	}
	s.next++
	return losses, b.free()
}

// Outputs are the nodes that a step on such a batch leaves behind in the store, the new weights and moments: what a count of its
// arithmetic goes by.
func (s *PretrainStep) Outputs(b Batch) ([]*Node, error) {
	_, g, err := s.step.CallWithGraph(append(b.tensors, s.rates(s.next), randomState(s.seed, s.next))...)
	if err != nil {
		return nil, err
	}
	var nodes []*Node
	for v := range s.step.Store().IterVariables() {
		if v.InUseByGraph(g) {
			nodes = append(nodes, v.NodeValue(g))
		}
	}
	return nodes, nil
}

// Close gives the programs' memory back.
func (s *PretrainStep) Close() { s.close() }
