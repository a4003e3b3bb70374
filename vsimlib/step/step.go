// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"
	"slices"

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

// Step is a training step, compiled for its devices. On a GPU the next step can be sent while one runs (Sequence). GoMLX's Exec.Call
// returns elsewhere when the devices are done, and no step is sent ahead. Batches are built and uploaded in the background.
type Step struct {
	config       Config
	main, update *model.Exec // update: nil where main makes the update
	ahead        bool        // steps may be sent before the outcome of the one before is known
	gate         []array     // of the step that was sent last; nil: none was, or steps take none
	compiling
}

// New prepares a step. Its programs are compiled when a batch of a new shape comes first.
func New(c Config) (*Step, error) {
	s := &Step{config: c, ahead: goesAhead(c), compiling: compiling{built: make(chan struct{}), on: c.Devices}}
	p := programs{c.Model, c.Objective, c.Optim, s.ahead}
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

// Upload moves the arrays of a batch, and what else its step takes, to the devices. It may run for several batches at the same time,
// and during a step.
func (s *Step) Upload(b Batch) error {
	for i, arrays := range b.parts {
		if err := s.config.Devices.put(arrays); err != nil {
			return err
		}
		p := s.params(b.n, i)
		p.rates = b.rates
		b.more[i] = arraysOf(s.beside(p))
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

// beside are what the program takes besides a batch and the gate.
func (s *Step) beside(p params[*tensors.Tensor]) []batch.Field[*tensors.Tensor] {
	if s.update != nil {
		return p.micro()[1:] // the shares are in the batch
	}
	return p.whole()
}

// Outcome is what a step has computed, besides weights and moments.
type Outcome struct {
	Losses   []float32
	GradNorm float32 // the norm of all gradients together
}

// outcome is that of losses and the sum of the gradients' squares.
func outcome(losses []float32, squares float32) Outcome {
	return Outcome{losses, float32(math.Sqrt(float64(squares)))}
}

// Advance makes the step of an uploaded batch. It does not free the batch.
func (s *Step) Advance(b Batch) (Outcome, error) {
	sent, err := s.send(b)
	if err != nil {
		return Outcome{}, err
	}
	return sent.collect()
}

// accumulated makes a step on micro-batches.
func (s *Step) accumulated(b Batch) (Outcome, error) {
	list := make([]float32, len(s.Losses()))
	for i, arrays := range b.parts {
		out, err := s.run(s.main, arrays, b.more[i])
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
	p := params[*tensors.Tensor]{losses: tensors.FromFlatDataAndDimensions(list, len(list))}
	sum := arraysOf(p.update()[:1])
	if err := s.config.Devices.put(sum); err != nil {
		return Outcome{}, err
	}
	out, err := s.run(s.update, sum, b.more[len(b.parts)])
	if err != nil {
		return Outcome{}, err
	}
	return outcome(list, tensors.ToScalar[float32](out[0])), free(sum)
}

// params are the parameters of part i of the batch of step n, without the learning rates.
func (s *Step) params(n, i int) params[*tensors.Tensor] {
	weights := WeightsOf(s.config.Objective)
	return params[*tensors.Tensor]{random: randomState(s.config.Seed, n+i<<32), // no run has 2³² steps
		weighted: weights != nil, weights: weights}
}

// run runs a program on uploaded arrays.
func (s *Step) run(exec *model.Exec, arrays ...[]array) ([]*tensors.Tensor, error) {
	out, g, err := exec.CallWithGraph(values(slices.Concat(arrays...))...)
	if err != nil {
		return nil, own.Plain(err)
	}
	s.compiled(g)
	return out, nil
}
