// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/recipe"
)

// Inputs are the encoder's arrays as nodes, one row per video. Frames may be float16 or float32.
type Inputs = batch.EncoderArrays[*Node]

// Packing is the arrays of a packing as nodes.
type Packing = batch.PackingArrays[*Node]

// NewInputs returns the inputs that the parameters in of a program begin with.
func NewInputs(c recipe.Model, in []*Node) Inputs {
	var x Inputs
	batch.Fill(x.Fields(c.Packs()), in)
	return x
}

// Model is the multimodal model in one graph.
type Model struct{ *bert.Net }
