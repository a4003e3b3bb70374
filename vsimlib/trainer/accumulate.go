// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/bert"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/recipe"
)

// A step that is accumulated runs two programs: microStep once a micro-batch, then updateStep. A loss that is a mean over |M| things
// of the batch is a sum of the micro-batches' means, each weighted by its share |M_i|/|M| of the things, which the host knows:
//
//	L = 1/|M| Σ_{j∈M} l_j = Σ_i |M_i|/|M| · (1/|M_i| Σ_{j∈M_i} l_j)
//
// So tag, word and pair losses, and their gradients, are those of the whole batch up to rounding. Of masked frames (E3) the l_j
// themselves are others: a prediction is held against the real frames of its micro-batch, not of the batch.

// microStep takes a micro-batch of n arrays, its shares of the parts of the loss, and the dropout's random state. It adds up
// gradients in the store and returns the micro-batch's share of each loss, as wholeStep orders them.
func microStep(c recipe.Model, loss lossGraph, sum func(parts []*Node) *Node, n int) stepGraph {
	return func(store *model.Store, in []*Node) []*Node {
		shares, rng := in[n], in[n+1]
		losses := loss(multimodal.Model{Net: bert.New(store, shares.Graph(), c, rng)}, in)
		parts := losses[len(losses)-shares.Shape().Size():]
		for i := range parts {
			parts[i] = Mul(parts[i], Squeeze(Slice(shares, AxisElem(i))))
		}
		losses[0] = sum(parts)
		optim.Accumulate(store, multimodal.Names(c), losses[0])
		updateInPlace(store, shares.Graph())
		return []*Node{Stack(losses, 0)}
	}
}

// updateStep takes the losses of the step, added up over its micro-batches, and the learning rates [5]. It makes the update and
// returns whether all was finite (bool).
func updateStep(c recipe.Model, o optim.Config) stepGraph {
	return func(store *model.Store, in []*Node) []*Node {
		total := Squeeze(Slice(in[0], AxisElem(0)))
		ok := o.UpdateAccumulated(store, multimodal.Names(c), total, in[1])
		updateInPlace(store, total.Graph())
		return []*Node{ok}
	}
}

// microBatches builds the k equal micro-batches of n examples: part gives the arrays of those from first up to last, and how many things
// each part of the loss is a mean of. The shares follow the arrays.
func microBatches(n, k int, part func(first, last int) (arrays []any, counts []float64, err error)) ([][]any, error) {
	size := n / k
	micro, counts := make([][]any, k), make([][]float64, k)
	for i := range k {
		var err error
		if micro[i], counts[i], err = part(i*size, (i+1)*size); err != nil {
			return nil, err
		}
	}
	for i := range micro {
		shares := make([]float32, len(counts[i]))
		for j := range shares {
			all := 0.0
			for _, c := range counts {
				all += c[j]
			}
			shares[j] = float32(counts[i][j] / max(all, 1))
		}
		micro[i] = append(micro[i], tensors.FromFlatDataAndDimensions(shares, len(shares)))
	}
	return micro, nil
}

// totals are the sums of arrays of weights.
func totals(weights ...*tensors.Tensor) ([]float64, error) {
	sums := make([]float64, len(weights))
	for i, w := range weights {
		values, err := tensors.CopyFlatData[float32](w)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			sums[i] += float64(v)
		}
	}
	return sums, nil
}
