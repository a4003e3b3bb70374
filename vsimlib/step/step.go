// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/own"
	"vsim/vsimlib/recipe"
)

// Config says what a step computes and where.
type Config struct {
	Devices    Devices
	Store      *model.Store // weights, and once trained moments
	Model      recipe.Model // the configuration of the weights
	Objective  Objective
	Optim      optim.Config
	Accumulate bool  // each batch is in micro-batches
	Seed       int64 // of dropout
}

// PretrainConfig is the step of pretraining under a resolved recipe.
func PretrainConfig(r recipe.Recipe, on Devices, store *model.Store) Config {
	return Config{
		Devices: on, Store: store, Model: ModelOn(r.Model, on.count), Objective: Pretraining{losses.TasksOf(r.Pretrain)},
		Optim: PretrainOptim(r, recipe.Schedule{}), Accumulate: r.Pretrain.Accumulate > 1, Seed: r.Pretrain.Seed,
	}
}

// FinetuneConfig is the step of finetuning under a resolved recipe.
func FinetuneConfig(r recipe.Recipe, on Devices, store *model.Store) Config {
	return Config{
		Devices: on, Store: store, Model: ModelOn(r.Model, on.count), Objective: Finetuning{r.Finetune},
		Optim: FinetuneOptim(r, recipe.Schedule{}), Accumulate: r.Finetune.Accumulate > 1, Seed: r.Finetune.Seed,
	}
}

// PretrainOptim is the optimiser of pretraining under a recipe over a schedule.
func PretrainOptim(r recipe.Recipe, s recipe.Schedule) optim.Config {
	p := r.Pretrain
	return optim.Config{LREncoder: p.LREncoder, LRHeads: p.LRHeads, WeightDecay: p.WeightDecay, Eps: p.AdamEps,
		TotalSteps: s.Steps, Warmup: s.Warmup, LayerDecay: p.LayerDecay, Layers: r.Model.NumHiddenLayers, Average: p.EMA}
}

// FinetuneOptim is the optimiser of finetuning under a recipe over a schedule.
func FinetuneOptim(r recipe.Recipe, s recipe.Schedule) optim.Config {
	f := r.Finetune
	return optim.Config{LREncoder: f.LREncoder, LRHeads: f.LRHeads, WeightDecay: f.WeightDecay, Eps: f.AdamEps,
		TotalSteps: s.Steps, Warmup: s.Warmup, LayerDecay: f.LayerDecay, Layers: r.Model.NumHiddenLayers, Average: f.EMA}
}

// Step is a training step, compiled for its devices. GoMLX's Exec.Call returns when the devices are done, so no step is sent ahead
// while another runs; but batches are built and uploaded in the background.
type Step struct {
	config       Config
	main, update *model.Exec // update: nil where main makes the update
	compiling
}

// New prepares a step. Its programs are compiled when a batch of a new shape comes first.
func New(c Config) (*Step, error) {
	s, p := &Step{config: c, compiling: compiling{built: make(chan struct{}), on: c.Devices}}, programs{c.Model, c.Objective, c.Optim}
	var err error
	if !c.Accumulate {
		s.main, err = s.exec(s.last(p.whole), p.batch())
		return s, err
	}
	if s.main, err = s.exec(p.micro, p.batch()); err != nil {
		return nil, err
	}
	s.update, err = s.exec(s.last(p.update), nil)
	return s, err
}

// exec prepares a program on the step's devices; inputs are its first parameters.
func (s *Step) exec(program func(*model.Store, []*Node) []*Node, inputs []array) (*model.Exec, error) {
	exec, err := model.NewExec(s.config.Devices.backend, s.config.Store, func(scope *model.Scope, in []*Node) []*Node {
		return program(scope.Store(), in)
	})
	if err != nil {
		return nil, err
	}
	exec.SetMaxCache(-1) // a batch of unusual size may need a program of its own; no number of them is an error
	s.config.Devices.spread(exec, inputs)
	return exec, nil
}

// Losses are the names of the losses that Advance returns.
func (s *Step) Losses() []string { return s.config.Objective.Names() }

// Close releases the memory of the programs.
func (s *Step) Close() {
	s.main.Finalize()
	if s.update != nil {
		s.update.Finalize()
	}
}

// Upload moves the arrays of a batch to the devices. It may run for several batches at the same time, and during a step.
func (s *Step) Upload(b Batch) error {
	for _, arrays := range b.parts {
		if err := s.config.Devices.put(arrays); err != nil {
			return err
		}
	}
	return nil
}

// Outcome is what a step has computed, besides weights and moments.
type Outcome struct {
	Losses   []float32
	GradNorm float32 // the norm of all gradients together
}

// outcome is that of losses and the sum of the gradients' squares.
func outcome(losses []float32, squares *tensors.Tensor) Outcome {
	return Outcome{losses, float32(math.Sqrt(float64(tensors.ToScalar[float32](squares))))}
}

// Advance makes step n (from 0) on an uploaded batch with the learning rates and releases the memory of rates, not of the
// batch.
func (s *Step) Advance(n int, b Batch, rates *tensors.Tensor) (Outcome, error) {
	if s.update == nil {
		p := s.params(n, 0)
		p.rates = rates
		out, err := s.call(s.main, b.parts[0], p.whole())
		if err != nil {
			return Outcome{}, err
		}
		list, err := tensors.CopyFlatData[float32](out[0])
		return outcome(list, out[1]), err
	}
	list := make([]float32, len(s.Losses()))
	for i, arrays := range b.parts {
		p := s.params(n, i)
		out, err := s.call(s.main, arrays, p.micro()[1:])
		if err != nil {
			return Outcome{}, err
		}
		part, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return Outcome{}, err
		}
		for j := range list {
			list[j] += part[j]
		}
	}
	p := params[*tensors.Tensor]{losses: tensors.FromFlatDataAndDimensions(list, len(list)), rates: rates}
	out, err := s.call(s.update, nil, p.update())
	if err != nil {
		return Outcome{}, err
	}
	return outcome(list, out[0]), nil
}

// params are the parameters of part i of the batch of step n, without the learning rates.
func (s *Step) params(n, i int) params[*tensors.Tensor] {
	weights := WeightsOf(s.config.Objective)
	return params[*tensors.Tensor]{random: randomState(s.config.Seed, n+i<<32), // no run has 2³² steps
		weighted: weights != nil, weights: weights}
}

// call runs a program on uploaded arrays and on further ones that are still on the host, which it releases.
func (s *Step) call(exec *model.Exec, arrays []array, fields []batch.Field[*tensors.Tensor]) ([]*tensors.Tensor, error) {
	more := arraysOf(fields)
	if err := s.config.Devices.put(more); err != nil {
		return nil, err
	}
	out, g, err := exec.CallWithGraph(append(values(arrays), values(more)...)...)
	if err != nil {
		return nil, own.Plain(err)
	}
	s.compiled(g)
	return out, free(more)
}
