// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/corpus"
)

// Pairs is a batch of finetuning on the host.
type Pairs struct {
	IDs [][2]int64 // of the pairs' videos
	PairArrays[*tensors.Tensor]
}

// Pairs builds the batch of the pairs (first[i], second[i]) with target[i].
func (b *Builder) Pairs(first, second []corpus.Video, target []float32) (*Pairs, error) {
	if len(first) != len(second) || len(first) != len(target) {
		return nil, fmt.Errorf("batch: %d and %d videos with %d targets are not pairs", len(first), len(second), len(target))
	}
	p := &Pairs{IDs: make([][2]int64, len(first))}
	for i := range first {
		p.IDs[i] = [2]int64{first[i].ID, second[i].ID}
		if t := float64(target[i]); math.IsNaN(t) || math.IsInf(t, 0) {
			return nil, fmt.Errorf("batch: videos %d and %d: target %v", first[i].ID, second[i].ID, t)
		}
	}
	inputs, err := b.Inputs(slices.Concat(first, second))
	if err != nil {
		return nil, err
	}
	p.EncoderArrays, p.Target = inputs, tensors.FromFlatDataAndDimensions(target, len(target))
	return p, nil
}
