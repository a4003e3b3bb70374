// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// plan says how many steps a run has, at which learning rates, and when it saves and validates.
type plan struct {
	phases                    []phase
	checkpointEvery, valEvery int // steps; 0: at the end of every epoch
}

// phase is a series of epochs over the same examples, with a schedule of the learning rate of its own.
type phase struct {
	recipe.Schedule
	epochs     int
	examples   int // of an epoch
	firstStep  int // steps of the phases before
	firstEpoch int // epochs of the phases before
	optim      optim.Config
}

// add appends a phase.
func (p *plan) add(s recipe.Schedule, epochs, examples int, o optim.Config) {
	p.phases = append(p.phases, phase{Schedule: s, epochs: epochs, examples: examples,
		firstStep: p.steps(), firstEpoch: p.epochs(), optim: o})
}

// steps is the number of steps of all phases.
func (p plan) steps() (n int) {
	for _, f := range p.phases {
		n += f.Steps
	}
	return n
}

// epochs is the number of epochs of all phases.
func (p plan) epochs() (n int) {
	for _, f := range p.phases {
		n += f.epochs
	}
	return n
}

// lastEpoch is the number of steps in the last epoch.
func (p plan) lastEpoch() int { return p.phases[len(p.phases)-1].StepsPerEpoch }

// at returns the phase of a step (from 0) and the step's index in it.
func (p plan) at(step int) (index, within int) {
	for step >= p.phases[index].firstStep+p.phases[index].Steps && index < len(p.phases)-1 {
		index++
	}
	return index, step - p.phases[index].firstStep
}

// passes is how often a run has passed over the data after done steps.
func (p plan) passes(done int) float64 {
	i, _ := p.at(max(0, done-1))
	f := p.phases[i]
	return float64(f.firstEpoch) + float64(done-f.firstStep)/float64(max(1, f.StepsPerEpoch))
}

// saves reports whether a checkpoint is due after done steps.
func (p plan) saves(done int) bool { return done == p.steps() || p.due(p.checkpointEvery, done) }

// validates reports whether a validation is due after done steps.
func (p plan) validates(done int) bool { return done == p.steps() || p.due(p.valEvery, done) }

// due reports whether something that happens every n steps, or with 0 at the end of every epoch, happens after done steps.
func (p plan) due(n, done int) bool {
	if n == 0 {
		passes := p.passes(done)
		return done > 0 && passes == math.Trunc(passes)
	}
	return done > 0 && done%n == 0
}

// rates are the learning rates of a step (optim.Config.Rates). The optimiser counts its updates over all phases.
func (p plan) rates(step int) *tensors.Tensor {
	i, within := p.at(step)
	return p.phases[i].optim.Rates(within, step+1)
}

// encoderRate is the learning rate of the encoder in a step.
func (p plan) encoderRate(step int) float64 {
	i, within := p.at(step)
	o := p.phases[i].optim
	return o.LREncoder * o.Factor(within)
}
