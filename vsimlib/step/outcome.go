// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// Outcome is what a step has computed, besides weights and moments.
type Outcome struct {
	Losses   []float32
	GradNorm float32 // the norm of all gradients together
}

// outcome is that of losses and the sum of the gradients' squares.
func outcome(losses []float32, squares float32) Outcome {
	return Outcome{losses, float32(math.Sqrt(float64(squares)))}
}

// sent is a step that is being computed, or was.
type sent struct {
	out  *tensors.Tensor // losses and squares; nil: made is known
	made Outcome
}

// collect waits until the step is computed and returns its outcome.
func (t sent) collect() (Outcome, error) {
	if t.out == nil {
		return t.made, nil
	}
	list, err := tensors.CopyFlatData[float32](t.out)
	if err != nil {
		return Outcome{}, err
	}
	last := len(list) - 1
	return outcome(list[:last:last], list[last]), t.out.FinalizeAll()
}
