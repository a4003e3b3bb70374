// SPDX-License-Identifier: Apache-2.0

package step

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/multimodal"
)

// Objective is what a training step minimises: the losses of a batch.
type Objective interface {
	// Names are the names of the losses: the sum that is trained on, then its parts. A loss of one part has only the sum.
	Names() []string
	// Fields are the arrays of a batch, in the order in which programs take them.
	Fields(packed bool) []batch.Field[*Node]
	// Weights are the weights of the parts in the sum; nil: the loss has one part.
	Weights() []float32
	// Parts builds the parts, scalars, of the batch that the parameters in of a program begin with.
	Parts(m multimodal.Model, in []*Node) []*Node
	// Sum builds the sum from its parts and their weights [parts], a parameter of the program; nil where Weights are.
	Sum(parts []*Node, weights *Node) *Node
}

// Losses builds all losses of an objective, scalars in the order of its names.
func Losses(o Objective, m multimodal.Model, in []*Node, weights *Node) []*Node {
	return withSum(o, o.Parts(m, in), weights)
}

// withSum are the losses of these parts.
func withSum(o Objective, parts []*Node, weights *Node) []*Node {
	total := o.Sum(parts, weights)
	if weights == nil {
		return []*Node{total}
	}
	return append([]*Node{total}, parts...)
}

// WeightsOf is the array of an objective's weights, nil where it has none.
func WeightsOf(o Objective) *tensors.Tensor {
	w := o.Weights()
	if w == nil {
		return nil
	}
	return tensors.FromFlatDataAndDimensions(w, len(w))
}
