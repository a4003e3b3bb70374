// SPDX-License-Identifier: Apache-2.0

// Package optim is the optimiser of the competition's solution: AdamW with two learning rates and a warm-up + cosine schedule, one
// update in the graph. GoMLX's own Adam decays biases too and has one rate.
package optim

import (
	"fmt"
	"sort"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
)

// Scopes of the first and second moments in the store; below them a moment has its weight's name.
const (
	FirstMoments  = "/adamw_m"
	SecondMoments = "/adamw_v"
)

// Update adds one AdamW step on loss to the graph (E8). rates is the node of Rates. Only weights among names that are used in
// the graph of loss are touched; the others are not even decayed. It returns the sum of the squares of all gradients. Where that
// or the loss is not finite, because one of their elements is not, nothing changes at all.
//
// The sum is to be a result of the program: XLA:CPU then computes it once. Of one that only leads to results, such as the norm,
// each kernel that updates a weight would have all additions again (the demo recipe's step then compiles in 5.5 s, not in 3.3 s).
//
//	E8: m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← (1−lr·wd)·w − lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
//
// Paper: section 3.1, "AdamW"; Loshchilov and Hutter, arXiv 1711.05101, algorithm 2.
func (c Config) Update(store *model.Store, names []string, loss, rates *Node) (squares *Node) {
	used, grads := gradients(store, names, loss)
	return c.update(store, used, grads, loss, rates)
}

// gradients returns the weights among names that are used in the graph of loss, by name, and their gradients.
func gradients(store *model.Store, names []string, loss *Node) (used []*model.Variable, grads []*Node) {
	g := loss.Graph()
	for _, name := range names {
		if v := store.GetVariable(model.ScopeSeparator + name); v.InUseByGraph(g) {
			used = append(used, v)
		}
	}
	sort.Slice(used, func(i, j int) bool { return used[i].Name() < used[j].Name() })
	weights := make([]*Node, len(used))
	for i, v := range used {
		weights[i] = v.NodeValue(g)
	}
	return used, Gradient(loss, weights...)
}

// update makes the step from the gradients of used and returns the sum of their squares.
func (c Config) update(store *model.Store, used []*model.Variable, grads []*Node, loss, rates *Node) (squares *Node) {
	g := loss.Graph()
	squares = sumOfSquares(g, grads)
	ok := LogicalAnd(IsFinite(loss), IsFinite(squares))
	rate := func(i int) *Node { return Squeeze(Slice(rates, AxisElem(i))) }
	for i, v := range used {
		group := c.group(v.Name())
		keep := rate(group)
		if !Decayed(v.Name()) {
			keep = ScalarOne(g, dtypes.Float32)
		}
		c.updateOne(store, v, grads[i], ok, keep, rate(group+1), rate(4))
		if c.Average != 0 {
			average(store, v, ok, rate(rates.Shape().Size()-1))
		}
	}
	return squares
}

// average makes the next average of a weight that was updated.
func average(store *model.Store, v *model.Variable, ok, share *Node) {
	g, e := ok.Graph(), moment(store, Averages, v)
	e0, w := e.NodeValue(g), v.NodeValue(g)
	e.SetNodeValue(Where(ok, Add(e0, Mul(Sub(w, e0), share)), e0))
}

// sumOfSquares is that of all elements of grads. It is not finite as soon as one of them is not. On a GPU, each sum down to a
// scalar is two kernels; there the rows of each matrix are one, and all rows and vectors together are added up at the end.
func sumOfSquares(g *Graph, grads []*Node) *Node {
	if onGPU(g) {
		var rows []*Node
		for _, grad := range grads {
			squares := Square(grad)
			if grad.Rank() > 1 {
				squares = ReduceSum(squares, -1)
			}
			rows = append(rows, Reshape(squares, -1))
		}
		return ReduceAllSum(Concatenate(rows, 0))
	}
	sum := ScalarZero(g, dtypes.Float32)
	for _, grad := range grads {
		sum = Add(sum, ReduceAllSum(Square(grad)))
	}
	return sum
}

// Sizes adds the gradients of loss to the graph and returns the names of the weights that have one, in the order of the names, the
// sums of their squares and their largest absolute values, both [names].
func Sizes(store *model.Store, names []string, loss *Node) (used []string, squares, largest *Node) {
	weights, grads := gradients(store, names, loss)
	var sums, maxima []*Node
	for i, grad := range grads {
		used = append(used, weights[i].Name())
		sums, maxima = append(sums, ReduceAllSum(Square(grad))), append(maxima, ReduceAllMax(Abs(grad)))
	}
	return used, Stack(sums, 0), Stack(maxima, 0)
}

func onGPU(g *Graph) bool { return backends.Kind(g.Backend()) == backends.CUDA }

func (c Config) updateOne(store *model.Store, v *model.Variable, grad, ok, keep, size, root *Node) {
	g := grad.Graph()
	mv, vv := moment(store, FirstMoments, v), moment(store, SecondMoments, v)
	m0, s0, w0 := mv.NodeValue(g), vv.NodeValue(g), v.NodeValue(g)
	gate := func(updated, old *Node) *Node { return Where(ok, updated, old) }
	m := written(gate(Add(m0, MulScalar(Sub(grad, m0), 1-Beta1)), m0))
	s := written(gate(Add(MulScalar(s0, Beta2), MulScalar(Square(grad), 1-Beta2)), s0))
	step := Div(m, AddScalar(Div(Sqrt(s), root), c.Eps))
	w := Sub(Mul(w0, keep), Mul(step, size))
	mv.SetNodeValue(m)
	vv.SetNodeValue(s)
	v.SetNodeValue(gate(w, w0))
}

// written makes XLA:CPU write a moment before it reads it for the weight. Otherwise it computes both moments again there,
// from the old ones, and keeps copies of them, since the new ones are written over the old ones. XLA:GPU makes one kernel of
// all three.
func written(x *Node) *Node {
	if onGPU(x.Graph()) {
		return x
	}
	return OptimizationBarrier(x)
}

// SetMoments makes both moments of a weight, and its average where weights are averaged, at zero, unless they exist, in the order
// in which Update makes them.
func SetMoments(store *model.Store, name string, averaged bool) error {
	v := store.GetVariable(model.ScopeSeparator + name)
	if v == nil {
		return fmt.Errorf("optim: no weight %s", name)
	}
	moments(store, v, averaged)
	return nil
}

// moments makes the variables of a weight's moments and average.
func moments(store *model.Store, v *model.Variable, averaged bool) {
	moment(store, FirstMoments, v)
	moment(store, SecondMoments, v)
	if averaged {
		moment(store, Averages, v)
	}
}

// moment finds or makes the variable of v's shape and name in a scope, starting at zero.
func moment(store *model.Store, scope string, v *model.Variable) *model.Variable {
	path := scope + model.ScopeSeparator + v.Name()
	if m := store.GetVariable(path); m != nil {
		return m
	}
	m := store.VariableWithValue(path, tensors.FromShape(v.Shape()))
	return m.SetTrainable(false)
}
