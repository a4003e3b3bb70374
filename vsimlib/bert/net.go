// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/product"
	"vsim/vsimlib/recipe"
)

// Net is one model in one graph: its weights, its configuration and its compute type.
type Net struct {
	Config recipe.Model
	store  *model.Store
	graph  *Graph
	dtype  dtypes.DType // of matrix products and activations
	rng    *Node        // nil: inference, no dropout

	// On a GPU (see dropout.go): what dropout draws from, which is rng, and in a checkpointed layer depends on the layer's input.
	state    *Node
	dropouts uint32 // how many have drawn

	// Watch, where set, is called with values inside the graph and the names of their layers, for analysis.
	Watch func(name string, x *Node)
}

// watched returns x, after calling Watch with it.
func (n *Net) watched(name string, x *Node) *Node {
	if n.Watch != nil {
		n.Watch(name, x)
	}
	return x
}

// New returns the model in graph g with its weights in store. A non-nil rng (a state as graph.RNGStateFromSeed makes it) means
// training: dropout draws from it, so the draws depend on that state alone.
func New(store *model.Store, g *Graph, c recipe.Model, rng *Node) *Net {
	n := &Net{Config: c, store: store, graph: g, dtype: dtypes.Float32, rng: rng, state: rng}
	if c.ComputeDType == "bfloat16" {
		n.dtype = dtypes.BFloat16
	}
	return n
}

// Weight returns the weight of that Hugging Face name as the store has it: float32, or rounded for inference.
func (n *Net) Weight(name string) *Node {
	v := n.store.GetVariable(model.ScopeSeparator + name)
	if v == nil {
		exceptions.Panicf("bert: the model has no weight %q", name)
	}
	return v.NodeValue(n.graph)
}

// Compute casts x to the compute type.
func (n *Net) Compute(x *Node) *Node {
	if x.DType() == n.dtype {
		return x
	}
	return ConvertDType(x, n.dtype)
}

// Linear returns x·Wᵀ + b of the linear layer name: x [..., in] -> [..., out], in the compute type.
func (n *Net) Linear(name string, x *Node) *Node {
	return n.watched(name, n.linear(n.Weight(name+".weight"), n.Weight(name+".bias"), x))
}

// linear is x·wᵀ + b: w [out,in], b [out]. The bias is added in float32.
func (n *Net) linear(w, b, x *Node) *Node {
	w, x = n.Compute(w), n.Compute(x)
	dims := x.Shape().Clone().Dimensions
	in, out := dims[len(dims)-1], w.Shape().Dimensions[0]
	w.AssertDims(out, in)
	if n.flat() {
		x = Reshape(x, -1, in)
	} else if x.Rank() == 2 && dims[0]%2 == 0 {
		x = Reshape(x, 2, -1, in)
	}
	y := n.product(x, x.Rank()-1, nil, w, 1, nil)
	y = n.Compute(Add(y, n.broadcastBias(b, y)))
	return Reshape(y, append(dims[:len(dims)-1:len(dims)-1], out)...)
}

// product is that of package product, in float32. A GPU writes it in the compute type: there its bytes take longer than its
// arithmetic.
func (n *Net) product(x *Node, xSum int, xBatch []int, y *Node, ySum int, yBatch []int) *Node {
	if n.rows() {
		return ConvertDType(product.Narrow(x, xSum, xBatch, y, ySum, yBatch), dtypes.Float32)
	}
	return product.Of(x, xSum, xBatch, y, ySum, yBatch)
}

// flat reports whether the products of linear layers are products of matrices, with one row per position. In bfloat16 on a CPU they
// have the axes of videos and positions apart, and rows [I,H] are two halves where I is even: the gradients of weights then sum
// over two axes, and XLA:CPU has a faster kernel for these.
func (n *Net) flat() bool {
	return n.dtype == dtypes.Float32 || n.rows()
}

// rows reports whether the layers of the encoder compute on [B·S,H], one row per position, and on [B,S,H] in attention alone.
// On a GPU, XLA would otherwise choose to have the videos as the last axis of [B,S,H] in memory, and transpose from there and
// back. On a CPU it makes no difference, and other rounding.
func (n *Net) rows() bool { return backends.Kind(n.graph.Backend()) == backends.CUDA }

// LayerNorm normalises the last axis of x with the scale and shift of name, in float32, and returns float32.
func (n *Net) LayerNorm(name string, x *Node) *Node {
	return n.watched(name, n.normalize(ConvertDType(x, dtypes.Float32), n.Weight(name+".weight"), n.Weight(name+".bias")))
}

// normalized is the last axis of x normalised, times scale plus shift.
func (n *Net) normalized(x, scale, shift *Node) *Node {
	mean := ReduceAndKeep(x, ReduceMean, -1)
	centred := Sub(x, mean)
	variance := ReduceAndKeep(Square(centred), ReduceMean, -1)
	y := Div(centred, Sqrt(AddScalar(variance, n.Config.LayerNormEps)))
	scale, shift = ExpandLeftToRank(scale, y.Rank()), ExpandLeftToRank(shift, y.Rank())
	return Add(Mul(y, scale), shift)
}
