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

// large are sizes above those of most runs, all different: the number of a function is of its graph at these too, since functions
// may differ there only, such as the means of the first 8 and of the first 20 positions.
var large = map[int]int{sampleB: 131, sampleD: 257, sampleF: 67, sampleT: 69, sampleS: 67 + 69, sampleH: 1031, sampleR: 1543,
	sampleJ: sampleJ}

// shapesAt are those of the inputs, with other sizes in place of those of the made-up batch.
func (f function) shapesAt(sizes map[int]int) ([]shapes.Shape, error) {
	list := make([]shapes.Shape, len(f.kind.inputs))
	for i, in := range f.kind.inputs {
		value, err := tensors.FromAnyValue(in.value)
		if err != nil {
			return nil, err
		}
		list[i] = value.Shape().Clone()
		for axis, n := range list[i].Dimensions {
			list[i].Dimensions[axis] = sizes[n]
		}
	}
	return list, nil
}

// tryAt builds the function at the sizes of a model, for a batch of b, and computes nothing. So one that has only the sizes of the
// made-up batch is refused before a run is begun.
func (f function) tryAt(m recipe.Model, b int) error {
	backend, err := backends.OpenGo()
	if err != nil {
		return err
	}
	sizes := map[int]int{sampleB: b, sampleD: m.EmbeddingDim, sampleF: m.MaxFrames, sampleT: m.TextLength(), sampleS: m.Sequence(),
		sampleH: m.HiddenSize, sampleR: m.FrameDim, sampleJ: sampleJ}
	list, err := f.shapesAt(sizes)
	if err != nil {
		return err
	}
	g := NewGraph(backend, "own")
	defer g.Finalize()
	in := make([]*Node, len(list))
	for i, shape := range list {
		in[i] = Parameter(g, fmt.Sprint("own", i), shape)
	}
	_, err = f.build(in)
	return err
}
