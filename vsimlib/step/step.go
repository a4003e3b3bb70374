// SPDX-License-Identifier: Apache-2.0

package step

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/losses"
	"vsim/vsimlib/optim"
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

// Step is a training step, compiled for its devices. On one GPU the next step can be sent while one runs (Sequence).
// Elsewhere GoMLX's Exec.Call returns when the devices are done, and no step is sent ahead. Batches are built and uploaded in the
// background.
type Step struct {
	config       Config
	main, update *model.Exec // update: nil where main makes the update
	gate         *gate       // nil: no step is sent before the outcome of the one before is known
	compiling
}

// New prepares a step. Its programs are compiled when a batch of a new shape comes first.
func New(c Config) (*Step, error) {
	s := &Step{config: c, compiling: compiling{built: make(chan struct{}), on: c.Devices}}
	if !c.Accumulate && c.Devices.asynchronous() {
		s.gate = &gate{on: c.Devices}
	}
	p := programs{c.Model, c.Objective, c.Optim, s.gate != nil}
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

// Upload moves the arrays of a batch, and what else its step takes, to the devices. It may run for several batches at the same
// time, and during a step.
func (s *Step) Upload(b Batch) error {
	for i, arrays := range b.parts {
		if err := s.config.Devices.put(arrays); err != nil {
			return err
		}
		p := s.config.params(b.n, i)
		p.rates = b.rates
		b.more[i] = arraysOf(p.beside(s.update != nil))
		if err := s.config.Devices.put(b.more[i]); err != nil {
			return err
		}
	}
	if s.update == nil {
		return nil
	}
	b.more[len(b.parts)] = arraysOf((&params[*tensors.Tensor]{rates: b.rates}).update()[1:])
	return s.config.Devices.put(b.more[len(b.parts)])
}

// params are the parameters of part i of the batch of step n, without the learning rates.
func (c Config) params(n, i int) params[*tensors.Tensor] {
	weights := WeightsOf(c.Objective)
	return params[*tensors.Tensor]{random: randomState(c.Seed, n+i<<32), // no run has 2³² steps
		weighted: weights != nil, weights: weights}
}
