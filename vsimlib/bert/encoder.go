// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"

	"vsim/vsimlib/product"
)

// TextEmbeddings looks up ids [B,T] (int32) in the block name ("bert.embeddings"): word + position + type 0, LayerNorm,
// dropout -> [B,T,H]. Position ids count from 0 and every token is of type 0, as in the competition's code.
func (n *Net) TextEmbeddings(name string, ids *Node) *Node {
	b, t := ids.Shape().Dimensions[0], ids.Shape().Dimensions[1]
	words := Gather(n.Weight(name+".word_embeddings.weight"), Reshape(ids, b, t, 1)) // [B,T,H]
	return n.InputEmbeddings(name, words)
}

// InputEmbeddings is the same block for rows x [B,F,H] that are not tokens: inputs_embeds of transformers.
func (n *Net) InputEmbeddings(name string, x *Node) *Node {
	dims := x.Shape().Dimensions
	x.AssertDims(dims[0], dims[1], n.Config.HiddenSize)
	position := Slice(n.Weight(name+".position_embeddings.weight"), AxisRange(0, dims[1])) // [F,H]
	return n.embeddings(name, x, ExpandLeftToRank(position, 3))
}

// NumberedEmbeddings is the same block for rows x [Q,H] with the position ids numbers [Q] (int32).
func (n *Net) NumberedEmbeddings(name string, x, numbers *Node) *Node {
	x.AssertDims(numbers.Shape().Dimensions[0], n.Config.HiddenSize)
	return n.embeddings(name, x, Gather(n.Weight(name+".position_embeddings.weight"), InsertAxes(numbers, -1)))
}

// embeddings adds to x its position and type 0.
func (n *Net) embeddings(name string, x, position *Node) *Node {
	kind := Slice(n.Weight(name+".token_type_embeddings.weight"), AxisRange(0, 1)) // [1,H]
	x = Add(ConvertDType(x, dtypes.Float32), Add(position, ExpandLeftToRank(kind, position.Rank())))
	return n.Drop(n.LayerNorm(name+".LayerNorm", x), n.Config.HiddenDropoutProb)
}

// Encoder runs all layers of "bert.encoder" on x [B,S,H] -> [B,S,H]. mask is 1 for the positions that are attended to: [B,S] (real
// positions), or [B,S,S] (of the third axis by those of the second).
func (n *Net) Encoder(x, mask *Node) *Node { return n.encoder(x, mask, nil) }

// EncoderAt is Encoder's output at indices [I] (int32, row·S + position) alone: [I,H]. What follows the attention of the last layer
// runs on those rows only: where few positions are read, two thirds of that layer's arithmetic are saved.
func (n *Net) EncoderAt(x, mask, indices *Node) *Node { return n.encoder(x, mask, indices) }

// encoder is both; indices may be nil.
func (n *Net) encoder(x, mask, indices *Node) *Node {
	b, s := x.Shape().Dimensions[0], x.Shape().Dimensions[1]
	x.AssertDims(b, s, n.Config.HiddenSize)
	// -10000 rather than -inf, as in BERT: a row whose every position is padding stays finite.
	bias := MulScalar(OneMinus(ConvertDType(mask, dtypes.Float32)), -10000)
	if mask.Rank() == 2 {
		bias = Reshape(bias, b, 1, 1, s)
	} else {
		bias = Reshape(bias, b, 1, s, s)
	}
	if n.rows() {
		x = Reshape(x, b*s, n.Config.HiddenSize)
	}
	checkpointed := n.Config.GradientCheckpointing && n.rng != nil
	for i := range n.Config.NumHiddenLayers {
		if checkpointed { // the backward pass computes the layer again from here, with the same dropout masks
			x = n.checkpoint(x)
		}
		name := fmt.Sprintf("bert.encoder.layer.%d", i)
		a := n.attention(name+".attention.self", x, bias)
		if indices != nil && i == n.Config.NumHiddenLayers-1 {
			x, a = Rows(x, indices), Rows(a, indices)
		}
		x = n.output(name, x, a)
	}
	if checkpointed {
		x = n.stopCheckpoint(x)
	}
	if n.rows() && indices == nil {
		x = Reshape(x, b, s, n.Config.HiddenSize)
	}
	return x
}

// Rows returns the rows of x [...,H] at indices [I] of its flat form: [I,H].
func Rows(x, indices *Node) *Node {
	return Gather(Reshape(x, -1, x.Shape().Dim(-1)), InsertAxes(indices, -1))
}

// output is the rest of a post-LayerNorm transformer layer after its attention a: x is the layer's input, both [...,H].
func (n *Net) output(name string, x, a *Node) *Node {
	p := n.Config.HiddenDropoutProb
	a = n.Linear(name+".attention.output.dense", a)
	x = n.LayerNorm(name+".attention.output.LayerNorm", n.addDropped(x, a, p))
	f := n.gelu(n.Linear(name+".intermediate.dense", x))
	f = n.Linear(name+".output.dense", f)
	return n.LayerNorm(name+".output.LayerNorm", n.addDropped(x, f, p))
}

// gelu is x·Φ(x), in float32 with one conversion at each end: in bfloat16 XLA would round after each of its operations.
func (n *Net) gelu(x *Node) *Node {
	return n.Compute(activation.Gelu(ConvertDType(x, dtypes.Float32)))
}

// attention is multi-head self-attention without its output projection, x [B,S,H] or [B·S,H] -> the same, bias [B,1,1 or S,S]:
//
//	softmax(Q·Kᵀ/√(H/A) + bias)·V
func (n *Net) attention(name string, x, bias *Node) *Node {
	h, heads := n.Config.HiddenSize, n.Config.NumAttentionHeads
	q, k, v := n.heads(name, x, bias.Shape().Dimensions[0], bias.Shape().Dimensions[3])
	batch := []int{0, 1}
	scores := n.product(q, 3, batch, k, 3, batch) // [B,A,S,S] float32
	scores = Add(DivScalar(scores, math.Sqrt(float64(h/heads))), bias)
	probs := n.Drop(n.watched(name+".probs", n.softmax(scores)), n.Config.AttentionProbsDropoutProb)
	out := n.Compute(product.Of(n.Compute(probs), 3, batch, v, 2, batch)) // [B,A,S,H/A]
	return Reshape(Transpose(out, 1, 2), x.Shape().Dimensions...)
}

// Head is BERT's prediction head: decoder(LayerNorm(gelu(dense(x)))), x [I,H] -> [I,out] in the compute type. The decoder is
// not tied to the word embeddings (as in the released code, where it starts equal and then differs).
func (n *Net) Head(name string, x *Node) *Node {
	x = n.gelu(n.Linear(name+".transform.dense", x))
	x = n.LayerNorm(name+".transform.LayerNorm", x)
	return n.Linear(name+".decoder", x)
}
