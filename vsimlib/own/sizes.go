// SPDX-License-Identifier: Apache-2.0

package own

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/recipe"
)

// tryAt builds the function at the sizes of a model, for a batch of b, and computes nothing. So one that has only the sizes of the
// made-up batch is refused before a run is begun.
func (f function) tryAt(m recipe.Model, b int) error {
	backend, err := backends.OpenGo()
	if err != nil {
		return err
	}
	sizes := map[int]int{sampleB: b, sampleD: m.EmbeddingDim, sampleF: m.MaxFrames, sampleT: m.TextLength(), sampleS: m.Sequence(),
		sampleH: m.HiddenSize, sampleR: m.FrameDim, sampleJ: sampleJ}
	g := NewGraph(backend, "own")
	defer g.Finalize()
	in := make([]*Node, len(f.kind.inputs))
	for i, of := range f.kind.inputs {
		value, err := tensors.FromAnyValue(of.value)
		if err != nil {
			return err
		}
		s := value.Shape()
		dims := make([]int, s.Rank())
		for axis, n := range s.Dimensions {
			dims[axis] = sizes[n]
		}
		in[i] = Parameter(g, fmt.Sprint("own", i), shapes.Make(s.DType, dims...))
	}
	_, err = f.build(in)
	return err
}
