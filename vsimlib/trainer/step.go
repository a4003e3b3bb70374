// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/gomlx/compute"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/token"
	"vsim/vsimlib/videobert"
)

// PretrainBuilder returns the builder of pretraining's batches under a resolved recipe. A task that is off masks nothing.
func PretrainBuilder(r recipe.Recipe, tok *token.Tokenizer, tags []int64) (*batch.Builder, error) {
	m, t := r.Model, tasksOf(r.Pretrain)
	config := batch.Config{MaxText: m.MaxText, MaxFrames: m.MaxFrames, FrameDim: m.FrameDim, Layout: m.Layout}
	if t.mlm {
		config.MLMProbability = r.Pretrain.MLMProbability
	}
	if t.mfm {
		config.MFMProbability = r.Pretrain.MFMProbability
	}
	return batch.NewBuilder(config, tok, tags)
}

// PretrainStep is the training step of Pretrain by itself, without a corpus and a run directory: the same graph and optimiser on
// fresh weights. It is there for who measures it.
type PretrainStep struct {
	exec  *model.Exec
	graph *Graph
	rates func(step int) *tensors.Tensor
	seed  int64
	step  int
}

// NewPretrainStep draws the weights of a resolved recipe. steps is how many the schedule of the learning rate has. The program is
// compiled in the first call of Step.
func NewPretrainStep(backend compute.Backend, r recipe.Recipe, steps int) (*PretrainStep, error) {
	store, err := videobert.NewStore(r.Model, r.Pretrain.Seed)
	if err != nil {
		return nil, err
	}
	p := r.Pretrain
	o := optim.Config{LREncoder: p.LREncoder, LRHeads: p.LRHeads, WeightDecay: p.WeightDecay, Eps: p.AdamEps, TotalSteps: steps,
		Warmup: int(p.WarmupRatio * float64(steps))}
	graph := pretrainStep(r.Model, tasksOf(p), o)
	exec, err := model.NewExec(backend, store, func(s *model.Scope, in []*Node) []*Node { return graph(s.Store(), in) })
	if err != nil {
		return nil, err
	}
	exec.SetMaxCache(-1) // as in training
	return &PretrainStep{exec: exec, rates: func(step int) *tensors.Tensor { return o.Rates(step, step+1) }, seed: p.Seed}, nil
}

// Step trains on one batch and returns the losses (total, tag, mlm, mfm) once the device is done with it. The batch's arrays are
// given back and may not be used again.
func (s *PretrainStep) Step(b *batch.Pretrain) ([]float32, error) {
	e := example{tensors: b.Tensors()}
	out, g, err := s.exec.CallWithGraph(append(e.tensors, s.rates(s.step), randomState(s.seed, s.step))...)
	if err != nil {
		return nil, err
	}
	s.graph = g
	losses, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return nil, err
	}
	if !tensors.ToScalar[bool](out[1]) {
		return losses, errNotFinite
	}
	s.step++
	return losses, e.free()
}

// Outputs are the nodes of the last step's graph that it leaves behind in the store, the new weights and moments: what a count of its
// arithmetic goes by. There are none before the first step.
func (s *PretrainStep) Outputs() []*Node {
	if s.graph == nil {
		return nil
	}
	var nodes []*Node
	for v := range s.exec.Store().IterVariables() {
		if v.InUseByGraph(s.graph) {
			nodes = append(nodes, v.NodeValue(s.graph))
		}
	}
	return nodes
}

// Close gives the program's memory back.
func (s *PretrainStep) Close() { s.exec.Finalize() }
