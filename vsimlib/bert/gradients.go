// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/product"
)

// On a GPU a step takes as long as moving its bytes does. The gradients that GoMLX derives of LayerNorm and softmax compute
// both again from their inputs, for each of the arrays that they need, and move float32. Those of this file are the same
// functions, from the mean and deviation of each row and from the probabilities in the compute type. On a CPU in bfloat16, the
// gradient of a wide bias is one of this file. Under gradient checkpointing GoMLX's are used, but for dropout's: these need values
// that it would not keep.

// ownGradients reports whether LayerNorm and softmax have the gradients of this file. In inference LayerNorm is one kernel instead.
func (n *Net) ownGradients() bool {
	return n.rows() && n.dtype == dtypes.BFloat16 && n.rng != nil && !n.Config.GradientCheckpointing
}

// XLA:CPU takes 0.1 ns per element to add up the rows of an array with at most fastColumns columns, and 3 ns with more: 7 to 12 ms
// for the 200 rows of 21,128 logits. Their product with 8 rows of ones takes 0.2 ms; with one row it takes three times that.
const (
	fastColumns = 16384
	rowsOfOnes  = 8
)

// broadcastBias is the bias b [out] as it is added to y [...,out]. Its gradient, the sum of the rows of y's, is a product with
// rows of ones where XLA:CPU would add them up slowly.
func (n *Net) broadcastBias(b, y *Node) *Node {
	out := b.Shape().Dim(0)
	if n.flat() || out <= fastColumns || n.Config.GradientCheckpointing {
		return ExpandLeftToRank(b, y.Rank())
	}
	return withGradients([]*Node{b},
		func(in []*Node) *Node { return BroadcastToShape(ExpandLeftToRank(in[0], y.Rank()), y.Shape()) },
		func(v *Node) []*Node {
			v = Reshape(n.Compute(v), -1, out)
			ones := Ones(v.Graph(), shapes.Make(n.dtype, rowsOfOnes, v.Shape().Dim(0)))
			sums := product.Of(ones, 1, nil, v, 0, nil) // [rowsOfOnes,out], each row the same
			return []*Node{Squeeze(SliceAxis(sums, 0, AxisElem(0)), 0)}
		})
}

// withGradients is f of inputs, the gradients of which are those that rule computes from that of the result, v.
func withGradients(inputs []*Node, f func(in []*Node) *Node, rule func(v *Node) []*Node) *Node {
	var gradients []*Node
	linked := make([]*Node, len(inputs))
	for i, x := range inputs { // what GoMLX derives arrives here, is not used, and so is no part of the compiled program
		linked[i] = IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return gradients[i] })
	}
	return IdentityWithCustomGradient(f(linked), func(_, v *Node) *Node {
		gradients = rule(v)
		return v
	})
}

// normalize is LayerNorm on rows x [N,H] with scale and shift [H].
func (n *Net) normalize(x, scale, shift *Node) *Node {
	if !n.ownGradients() || x.Rank() != 2 {
		return n.normalized(x, scale, shift)
	}
	mean, deviation := n.moments(x)
	normalized := func(x *Node) *Node { return Div(Sub(x, mean), deviation) }
	wide := func(v *Node) *Node { return ExpandLeftToRank(v, 2) }
	return withGradients([]*Node{x, scale, shift},
		func(in []*Node) *Node { return Add(Mul(normalized(in[0]), wide(in[1])), wide(in[2])) },
		func(v *Node) []*Node {
			y := normalized(x)
			slope := Mul(v, wide(scale))
			inner := Sub(Sub(slope, ReduceAndKeep(slope, ReduceMean, -1)), Mul(y, ReduceAndKeep(Mul(slope, y), ReduceMean, -1)))
			return []*Node{Div(inner, deviation), ReduceSum(Mul(v, y), 0), ReduceSum(v, 0)}
		})
}

// moments are mean and deviation [N,1] of the rows of x [N,H], without a gradient. They are sums of one pass, and the barrier keeps
// them out of the kernels that use them, so that XLA:GPU adds up in the kernel that makes x.
func (n *Net) moments(x *Node) (mean, deviation *Node) {
	mean = ReduceAndKeep(x, ReduceMean, -1)
	variance := MaxScalar(Sub(ReduceAndKeep(Square(x), ReduceMean, -1), Square(mean)), 0)
	of := OptimizationBarriers(mean, Sqrt(AddScalar(variance, n.Config.LayerNormEps)))
	return StopGradient(of[0]), StopGradient(of[1])
}

// softmax is that of the last axis of x, in float32.
func (n *Net) softmax(x *Node) *Node {
	if !n.ownGradients() {
		return Softmax(x, -1)
	}
	var probs *Node
	return withGradients([]*Node{x},
		func(in []*Node) *Node {
			probs = ConvertDType(OptimizationBarrier(n.Compute(Softmax(in[0], -1))), dtypes.Float32)
			return probs
		},
		func(v *Node) []*Node {
			return []*Node{Mul(probs, Sub(v, ReduceAndKeep(Mul(probs, v), ReduceSum, -1)))}
		})
}
