// SPDX-License-Identifier: Apache-2.0

package losses_test

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/losses"
)

// run computes a scalar loss on GoMLX's pure Go backend.
func run(loss func(x []*Node) *Node, inputs ...any) float32 {
	backend, err := backends.OpenGo()
	if err != nil {
		panic(err)
	}
	exec, err := NewExec(backend, loss)
	if err != nil {
		panic(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(inputs...)
	if err != nil {
		panic(err)
	}
	return tensors.ToScalar[float32](out[0])
}

// Two videos and three tags [2,3]: the first video has the tags 0 and 2, the second is a test video whose tags are unknown. With
// logits of 0 every tag costs ln 2.
func ExampleTagBCE() {
	loss := run(func(x []*Node) *Node { return losses.TagBCE(x[0], x[1], x[2]) },
		[][]float32{{0, 0, 0}, {5, 5, 5}}, [][]int32{{0, 2}, {-1, -1}}, []float32{1, 0})
	fmt.Printf("%.4f\n", loss)
	// Output: 0.6931
}

// Two pairs: cosines 1 and 0, rank-normalised labels 1 and 0.5.
func ExampleCosineMSE() {
	first, second := [][]float32{{1, 0}, {0, 1}}, [][]float32{{1, 0}, {1, 0}}
	loss := run(func(x []*Node) *Node {
		loss, _ := losses.CosineMSE(x[0], x[1], x[2])
		return loss
	}, first, second, []float32{1, 0.5})
	fmt.Printf("%.4f\n", loss)
	// Output: 0.1250
}

// A masked frame's prediction must find its own frame among the real frames of the batch; the third one here is padding.
func ExampleFrameNCE() {
	predictions, frames := [][]float32{{2, 0}}, [][]float32{{1, 0}, {0, 1}, {9, 9}}
	loss := run(func(x []*Node) *Node { return losses.FrameNCE(x[0], x[1], x[2], x[3], x[4]) },
		predictions, frames, []float32{1, 1, 0}, []int32{0}, []float32{1})
	fmt.Printf("%.4f\n", loss) // ln(e² + 1) − 2
	// Output: 0.1269
}
