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
	TaughtArrays[*tensors.Tensor]
}

// Taught reports whether the pairs have a teacher's cosines.
func (p *Pairs) Taught() bool { return p.Teacher != nil }

// Fields lists the arrays in the order in which programs take them.
func (p *Pairs) Fields(packed bool) []Field[*tensors.Tensor] {
	return p.TaughtArrays.Fields(packed, p.Taught())
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

// Teach adds the teacher's cosine of each pair.
func (p *Pairs) Teach(cosines []float32) error {
	if len(cosines) != len(p.IDs) {
		return fmt.Errorf("batch: %d pairs with %d cosines of a teacher", len(p.IDs), len(cosines))
	}
	for i, c := range cosines {
		if !(c >= -2 && c <= 2) { // a cosine, with all its rounding
			return fmt.Errorf("batch: videos %d and %d: the teacher's cosine is %v", p.IDs[i][0], p.IDs[i][1], c)
		}
	}
	p.Teacher = tensors.FromFlatDataAndDimensions(cosines, len(cosines))
	return nil
}
