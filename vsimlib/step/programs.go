// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// A step that is accumulated runs two programs: micro once per micro-batch, then update. A loss that is a mean over a set M of the
// batch (masked tokens, tagged videos, pairs) is a sum of the micro-batches' means, each weighted by its share |M_i|/|M|, which the
// host computes:
//
//	L = 1/|M| Σ_{j∈M} l_j = Σ_i |M_i|/|M| · (1/|M_i| Σ_{j∈M_i} l_j)
//
// So the losses of tags, tokens and pairs, and their gradients, are those of the whole batch up to rounding. The l_j of masked
// frames (E3) differ: a prediction is compared with the real frames of its micro-batch, not of the batch.

// params are what programs take besides a batch: T is *tensors.Tensor on the host and *Node in a program.
type params[T any] struct {
	shares T // [parts] float32: a micro-batch's share of each part of the loss
	losses T // [losses] float32: the losses of a step, summed over its micro-batches
	rates  T // float32: the learning rates (optim.Config.Rates)
	random T // [3] uint64: the state that dropout draws from

	weighted bool // the loss has several parts
	weights  T    // [parts] float32: their weights in the sum
}

// whole are those of the program of a step that is not accumulated, after its batch.
func (p *params[T]) whole() []batch.Field[T] {
	return p.withWeights([]batch.Field[T]{{Name: "rates", At: &p.rates}, {Name: "random", At: &p.random}})
}

// micro are those of the program of a micro-batch, after its batch.
func (p *params[T]) micro() []batch.Field[T] {
	return p.withWeights([]batch.Field[T]{{Name: "shares", At: &p.shares}, {Name: "random", At: &p.random}})
}

// beside are those of the program of a batch or micro-batch that are in no Batch.
func (p *params[T]) beside(accumulated bool) []batch.Field[T] {
	if accumulated {
		return p.micro()[1:] // the shares are in the batch
	}
	return p.whole()
}

// withWeights appends the weights of the parts, where there are several.
func (p *params[T]) withWeights(list []batch.Field[T]) []batch.Field[T] {
	if p.weighted {
		list = append(list, batch.Field[T]{Name: "loss_weights", At: &p.weights})
	}
	return list
}

// update are those of the program that makes the update of a step that is accumulated.
func (p *params[T]) update() []batch.Field[T] {
	return []batch.Field[T]{{Name: "losses", At: &p.losses}, {Name: "rates", At: &p.rates}}
}

// programs builds the graphs of a step.
type programs struct {
	model     recipe.Model
	objective Objective
	optim     optim.Config
	ahead     bool // the step takes a gate, and hands one on
}

// weighted reports whether the loss has several parts.
func (p programs) weighted() bool { return p.objective.Weights() != nil }

// batch are the arrays of a batch that the programs take first.
func (p programs) batch() []array {
	var list []array
	for _, f := range p.objective.Fields(p.model.Packs()) {
		list = append(list, array{name: f.Name, rows: f.Rows})
	}
	return list
}

// whole is a step on a batch. It updates the store and returns the losses, in the objective's order, and the sum of the
// gradients' squares; where that or the loss is not finite, nothing has changed.
func (p programs) whole(store *model.Store, in []*Node) []*Node {
	x := params[*Node]{weighted: p.weighted()}
	batch.Fill(x.whole(), in[len(p.batch()):])
	g := x.rates.Graph()
	list := Losses(p.objective, multimodal.Model{Net: bert.New(store, g, p.model, x.random)}, in, x.weights)
	if p.ahead {
		return p.gated(store, list, x.rates, in[len(in)-1])
	}
	squares := p.optim.Update(store, multimodal.Names(p.model), list[0], x.rates)
	updateInPlace(store, g)
	return []*Node{Stack(list, 0), squares}
}

// gated is the rest of whole where the step takes a gate. It returns the losses and the sum of the gradients' squares in one array,
// so that one copy brings them to the host, the gate for the next step, and the squares, which optim.Update wants as a result.
func (p programs) gated(store *model.Store, list []*Node, rates, gate *Node) []*Node {
	g := gate.Graph()
	total := Add(list[0], gate)
	squares := p.optim.Update(store, multimodal.Names(p.model), total, rates)
	updateInPlace(store, g)
	made := LogicalAnd(IsFinite(total), IsFinite(squares))
	next := Where(made, ScalarZero(g, dtypes.Float32), Scalar(g, dtypes.Float32, math.NaN()))
	return []*Node{Stack(append(list[:len(list):len(list)], squares), 0), next, squares}
}

// micro adds the gradients of a micro-batch to the sums in the store and returns the micro-batch's share of each loss.
func (p programs) micro(store *model.Store, in []*Node) []*Node {
	x := params[*Node]{weighted: p.weighted()}
	batch.Fill(x.micro(), in[len(p.batch()):])
	g := x.shares.Graph()
	list := p.shared(multimodal.Model{Net: bert.New(store, g, p.model, x.random)}, in, x)
	p.optim.Accumulate(store, multimodal.Names(p.model), list[0])
	updateInPlace(store, g)
	return []*Node{Stack(list, 0)}
}

// shared builds a micro-batch's share of each loss.
func (p programs) shared(m multimodal.Model, in []*Node, x params[*Node]) []*Node {
	parts := p.objective.Parts(m, in)
	for i := range parts {
		parts[i] = Mul(parts[i], Squeeze(Slice(x.shares, AxisElem(i))))
	}
	return withSum(p.objective, parts, x.weights)
}

// update makes the update from the sums of gradients and returns that of their squares.
func (p programs) update(store *model.Store, in []*Node) []*Node {
	var x params[*Node]
	batch.Fill(x.update(), in)
	total := Squeeze(Slice(x.losses, AxisElem(0)))
	squares := p.optim.UpdateAccumulated(store, multimodal.Names(p.model), total, x.rates)
	updateInPlace(store, total.Graph())
	return []*Node{squares}
}
