// SPDX-License-Identifier: Apache-2.0

package step

import (
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/seed"
)

// randomState is the state [3] that dropout draws from in a step, a function of (root, step) alone.
func randomState(root int64, step int) *tensors.Tensor {
	stream := seed.Stream(uint64(root)*seed.Gamma + uint64(step))
	state := make([]uint64, 3)
	for i := range state {
		state[i] = stream.Uint64()
	}
	return tensors.FromFlatDataAndDimensions(state, len(state))
}
