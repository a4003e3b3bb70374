// SPDX-License-Identifier: Apache-2.0

package product

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends/backendstest"
)

// forms are the products of the model: a linear layer on rows, and on videos with positions, scores and outputs of attention
// with the heads before the positions and after them.
var forms = []struct {
	name           string
	x, y           []int // dimensions
	xSum, ySum     int
	xBatch, yBatch []int
}{
	{"linear", []int{5, 3}, []int{4, 3}, 1, 1, nil, nil},
	{"linear of videos", []int{2, 5, 3}, []int{4, 3}, 2, 1, nil, nil},
	{"scores", []int{2, 3, 5, 4}, []int{2, 3, 5, 4}, 3, 3, []int{0, 1}, []int{0, 1}},
	{"attention", []int{2, 3, 5, 6}, []int{2, 3, 6, 4}, 3, 2, []int{0, 1}, []int{0, 1}},
	{"scores, heads last", []int{2, 5, 3, 4}, []int{2, 5, 3, 4}, 3, 3, []int{0, 2}, []int{0, 2}},
	{"attention, heads last", []int{2, 3, 5, 6}, []int{2, 6, 3, 4}, 3, 1, []int{0, 1}, []int{0, 2}},
}

// TestOf compares products and gradients in bfloat16 with those of GoMLX in float32, on whole numbers that both hold exactly. No
// product of the gradient has an operand in float32.
func TestOf(t *testing.T) {
	for name, backend := range map[string]func(testing.TB) compute.Backend{"go": backendstest.Go, "xla": xlaBackend} {
		for _, f := range forms {
			t.Run(name+"/"+f.name, func(t *testing.T) {
				multiply := func(x, y *Node) *Node { return Of(x, f.xSum, f.xBatch, y, f.ySum, f.yBatch) }
				b := backend(t)
				want, _ := gradients(t, b, dtypes.Float32, f.x, f.y, multiply)
				got, g := gradients(t, b, dtypes.BFloat16, f.x, f.y, multiply)
				for i := range want {
					if !slices.Equal(got[i], want[i]) {
						t.Errorf("value %d: %v, in float32 %v", i, got[i], want[i])
					}
				}
				if n := wideOperands(g); n != 0 {
					t.Errorf("%d operands of products are float32", n)
				}
			})
		}
	}
}

// TestOwnGradient: by GoMLX's own rule, the operands of the gradient are float32. If they no longer are, the package is not needed.
func TestOwnGradient(t *testing.T) {
	_, g := gradients(t, backendstest.Go(t), dtypes.BFloat16, []int{5, 3}, []int{4, 3}, func(x, y *Node) *Node {
		return DotGeneral(x, []int{1}, nil, y, []int{1}, nil)
	})
	if n := wideOperands(g); n != 4 {
		t.Errorf("%d operands of GoMLX's own gradient are float32, want all 4", n)
	}
}

// wideOperands is the number of float32 operands of the products in a graph.
func wideOperands(g *Graph) (n int) {
	for _, node := range g.Nodes() {
		if node.Type() == NodeTypeDotGeneral {
			for _, in := range node.Inputs() {
				if in.DType() == dtypes.Float32 {
					n++
				}
			}
		}
	}
	return n
}

// gradients are the product of small whole numbers in a type, and its gradients by both operands where that of the product is small
// whole numbers too, as float32.
func gradients(t *testing.T, backend compute.Backend, dtype dtypes.DType, x, y []int, multiply func(x, y *Node) *Node,
) ([][]float32, *Graph) {
	t.Helper()
	exec, err := NewExec(backend, func(in []*Node) []*Node {
		a, b := ConvertDType(in[0], dtype), ConvertDType(in[1], dtype)
		out := ConvertDType(multiply(a, b), dtypes.Float32)
		weights := AddScalar(Mod(IotaFull(out.Graph(), out.Shape()), ConstAs(out, 5)), -2)
		list := []*Node{out}
		for _, grad := range Gradient(ReduceAllSum(Mul(out, weights)), a, b) {
			if grad.DType() != dtype {
				t.Errorf("a gradient is %s", grad.DType())
			}
			list = append(list, ConvertDType(grad, dtypes.Float32))
		}
		return list
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	out, g, err := exec.CallWithGraph(numbers(x), numbers(y))
	if err != nil {
		t.Fatal(err)
	}
	var list [][]float32
	for i, tensor := range out {
		flat, err := tensors.CopyFlatData[float32](tensor)
		if err != nil {
			t.Fatal(fmt.Errorf("result %d: %w", i, err))
		}
		list = append(list, flat)
	}
	return list, g
}

// numbers are whole numbers from -3 to 3.
func numbers(dims []int) *tensors.Tensor {
	size := 1
	for _, d := range dims {
		size *= d
	}
	flat := make([]float32, size)
	for i := range flat {
		flat[i] = float32(i*i%7 - 3)
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

func xlaBackend(t testing.TB) compute.Backend {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles with XLA")
	}
	return backendstest.Backend(t)
}
