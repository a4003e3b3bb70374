// SPDX-License-Identifier: Apache-2.0

package step

import (
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/multimodal"
)

// Objective is what a training step minimises: the losses of a batch.
type Objective interface {
	// Names are the names of the losses: the sum that is trained on, then its parts. A loss of one part has only the sum.
	Names() []string
	// Fields are the arrays of a batch, in the order in which programs take them.
	Fields(packed bool) []batch.Field[*Node]
	// Losses builds the losses, scalars in the order of Names, of the batch that the parameters in of a program begin with.
	Losses(m multimodal.Model, in []*Node) []*Node
	// Sum builds the sum from its parts.
	Sum(parts []*Node) *Node
}
