// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// On a CPU dropout draws from a stream of random numbers (Philox). XLA:GPU would write these to memory, 4 bytes per element, then
// a byte per element for what is kept, and hold that until the backward pass: 6 % of the bytes that BERT-large's step moves, and
// 5 % of its memory. There the number of an element is instead a hash of its place, which each kernel computes where it needs it.
// Nothing is stored, and the backward pass computes it again. The masks differ between the two kinds of backends.

// Drop sets a share p of x to zero and scales the rest by 1/(1-p) in training; in inference it returns x.
func (n *Net) Drop(x *Node, p float64) *Node {
	switch {
	case n.rng == nil || p <= 0:
		return x
	case n.rows():
		d := n.nextDropout(p)
		return withGradients([]*Node{x},
			func(in []*Node) *Node { return d.of(in[0]) },
			func(v *Node) []*Node { return []*Node{d.again().of(v)} })
	}
	var u *Node
	n.rng, u = RandomUniform(n.rng, shapes.Make(dtypes.Float32, x.Shape().Dimensions...))
	return Where(GreaterOrEqual(u, ConstAs(u, p)), MulScalar(x, 1/(1-p)), ZerosLike(x))
}

// addDropped is x plus y after dropout, x in float32 and y in the compute type -> float32.
func (n *Net) addDropped(x, y *Node, p float64) *Node {
	if n.rng == nil || p <= 0 || !n.rows() {
		return Add(x, ConvertDType(n.Drop(y, p), dtypes.Float32))
	}
	d := n.nextDropout(p)
	return withGradients([]*Node{x, y},
		func(in []*Node) *Node { return Add(in[0], d.of(ConvertDType(in[1], dtypes.Float32))) },
		func(v *Node) []*Node {
			v = OptimizationBarrier(v) // XLA would compute it twice, for x and for y
			return []*Node{v, d.again().keep(ConvertDType(d.scale(v), y.DType()))}
		})
}

// dropout is one use of dropout in a graph for a GPU.
type dropout struct {
	state  *Node   // [3] uint64, that of the step
	number uint32  // of the use among those of the graph
	p      float64 // the share that is set to zero
}

// nextDropout is the next use of dropout.
func (n *Net) nextDropout(p float64) dropout {
	n.dropouts++
	return dropout{n.state, n.dropouts, p}
}

// checkpoint returns x, the input of a layer that the backward pass computes again. On a GPU the numbers of dropout then depend on
// it, so that they are computed again too instead of being stored.
func (n *Net) checkpoint(x *Node) *Node {
	x = x.Checkpoint()
	if n.rows() {
		n.state = SchedulingBarrier(n.rng, x)
	}
	return x
}

// stopCheckpoint returns x, the output of the last of these layers.
func (n *Net) stopCheckpoint(x *Node) *Node {
	n.state = n.rng
	return x.StopCheckpoint()
}

// again is the same dropout for the backward pass, whose numbers XLA computes anew instead of storing them.
func (d dropout) again() dropout {
	d.state = OptimizationBarrier(d.state)
	return d
}

// of is x after dropout.
func (d dropout) of(x *Node) *Node { return d.keep(d.scale(x)) }

func (d dropout) scale(x *Node) *Node { return MulScalar(x, 1/(1-d.p)) }

// keep sets a share p of x to -0, which adds like 0. Of 0 itself XLA:GPU would make an array, shared with a scatter, and read it
// each time.
func (d dropout) keep(x *Node) *Node {
	kept := GreaterOrEqual(d.numbers(x.Shape().Dimensions...), Const(x.Graph(), uint32(d.p*(1<<32))))
	return Where(kept, x, BroadcastToShape(Neg(ScalarZero(x.Graph(), x.DType())), x.Shape()))
}

// numbers are uniform numbers [dims...] of 32 bits, each a hash of its index, of the number of the dropout and of the step's state,
// the low halves of its first two words. Numbers of one array that are 2²⁷ or more apart are no longer quite independent.
func (d dropout) numbers(dims ...int) *Node {
	word := func(i int) *Node { return ConvertDType(Squeeze(SliceAxis(d.state, 0, AxisElem(i))), dtypes.Uint32) }
	index := IotaFull(d.state.Graph(), shapes.Make(dtypes.Uint32, dims...))
	return pcg3d(index, AddScalar(word(0), d.number), word(1))
}

// pcg3d is the first of the three results of the hash of that name of Jarzynski and Olano, "Hash Functions for GPU Rendering"
// (Journal of Computer Graphics Techniques 9, 2020), in uint32: the cheapest of those that they recommend for quality.
func pcg3d(x, y, z *Node) *Node {
	congruential := func(v *Node) *Node { return AddScalar(MulScalar(v, uint32(1664525)), uint32(1013904223)) }
	fold := func(v *Node) *Node { return BitwiseXor(v, BitwiseShiftRightLogicalScalar(v, uint32(16))) }
	x, y, z = congruential(x), congruential(y), congruential(z)
	x = Add(x, Mul(y, z))
	y = Add(y, Mul(z, x))
	z = Add(z, Mul(x, y))
	return Add(fold(x), Mul(fold(y), fold(z)))
}
