// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// heads are Q, K and V of x [B,S,H] or [B·S,H], each [B,A,S,H/A] in the compute type.
//
// One product computes all three, and each head's rows are made contiguous before the products of the heads: XLA:CPU runs these
// twice as fast on [S,H/A] blocks as on strided ones.
func (n *Net) heads(name string, x *Node, b, s int) (q, k, v *Node) {
	if (n.rows() || n.dtype == dtypes.BFloat16) && !n.Config.GradientCheckpointing { // as with the gradients of gradients.go
		return n.partedHeads(name, x, b, s)
	}
	h, heads := n.Config.HiddenSize, n.Config.NumAttentionHeads
	qkv := n.linear(n.stacked(name, ".weight"), n.stacked(name, ".bias"), x)
	qkv = TransposeAllDims(Reshape(qkv, b, s, 3, heads, h/heads), 2, 0, 3, 1, 4) // [3,B,A,S,H/A]
	part := func(i int) *Node { return Squeeze(SliceAxis(qkv, 0, AxisElem(i)), 0) }
	return part(0), part(1), part(2)
}

// partedHeads are heads where Q, K and V part before the bias is added. The gradient of each bias is then a sum over the array
// that has it. Of one array of all three, XLA:GPU reads it through the transposition, at a fifth of the memory's speed. XLA:CPU
// selects one of the three biases for each element, and adds up three padded gradients: 4 ms for a layer of 32 × 68 × 256. In
// float32 on a CPU this is not done: results would differ in their last bits from those that are published.
func (n *Net) partedHeads(name string, x *Node, b, s int) (q, k, v *Node) {
	h, heads := n.Config.HiddenSize, n.Config.NumAttentionHeads
	qkv := n.product(n.Compute(x), x.Rank()-1, nil, n.Compute(n.stacked(name, ".weight")), 1, nil) // [B·S,3·H] or [B,S,3·H]
	parts := thirds(Reshape(qkv, b, s, 3, heads, h/heads))
	for i, of := range []string{"query", "key", "value"} {
		bias := Reshape(n.Weight(name+"."+of+".bias"), 1, 1, heads, h/heads)
		parts[i] = Transpose(n.Compute(Add(parts[i], bias)), 1, 2)
	}
	return parts[0], parts[1], parts[2]
}

// thirds are the three parts of x [B,S,3,A,D], each [B,S,A,D]. Their gradients are put side by side; GoMLX's own rule for a slice
// pads each with zeros and adds the three up.
func thirds(x *Node) (parts [3]*Node) {
	var gradients [3]*Node
	x = IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return Stack(gradients[:], 2) })
	for i := range parts {
		parts[i] = IdentityWithCustomGradient(Squeeze(SliceAxis(x, 2, AxisElem(i)), 2), func(_, g *Node) *Node {
			gradients[i] = g
			return g
		})
	}
	return parts
}

// stacked concatenates a parameter (part) of the query, key and value layers of name.
func (n *Net) stacked(name, part string) *Node {
	return Concatenate([]*Node{n.Weight(name + ".query" + part), n.Weight(name + ".key" + part), n.Weight(name + ".value" + part)}, 0)
}
