// SPDX-License-Identifier: Apache-2.0

package bert

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/recipe"
)

// TestOwnGradients compares LayerNorm and softmax as on a GPU under bfloat16 with those that GoMLX derives: values and
// gradients by all inputs. Those of LayerNorm are float32; softmax rounds its probabilities to bfloat16.
func TestOwnGradients(t *testing.T) {
	const rows, width = 6, 8
	x := slices.Collect(slices.Chunk(waves(rows*width, 1.3), width))
	far := slices.Collect(slices.Chunk(waves(rows*width, 1.3), width)) // from zero: the mean is ten times the deviation
	for _, row := range far {
		for i := range row {
			row[i] += 15
		}
	}
	scale, shift := waves(width, 0.7), waves(width, 2.1)
	norm := func(n *Net, in []*Node) *Node { return n.normalize(in[0], in[1], in[2]) }
	for name, c := range map[string]struct {
		f         func(n *Net, in []*Node) *Node
		in        []any
		tolerance float64
	}{
		"LayerNorm":      {norm, []any{x, scale, shift}, 1e-5},
		"LayerNorm, far": {norm, []any{far, scale, shift}, 1e-4},
		"softmax":        {func(n *Net, in []*Node) *Node { return n.softmax(in[0]) }, []any{x}, 4e-3},
	} {
		t.Run(name, func(t *testing.T) {
			config := recipe.Model{ComputeDType: recipe.BFloat16, LayerNormEps: 1e-12}
			want := slopes(t, backendstest.Go(t), config, c.f, c.in, false)
			got := slopes(t, backendstest.AsCUDA(backendstest.Go(t)), config, c.f, c.in, true)
			differ := false
			for i := range want {
				for j := range want[i] {
					d := math.Abs(float64(got[i][j] - want[i][j]))
					if d > c.tolerance {
						t.Errorf("result %d[%d]: %g, GoMLX derives %g", i, j, got[i][j], want[i][j])
					}
					differ = differ || d > 0
				}
			}
			if !differ {
				t.Error("nothing differs: both are GoMLX's")
			}
		})
	}
}

// TestConstantRows: LayerNorm of rows of one value is finite, though by rounding the mean of the squares may be less than the
// square of the mean.
func TestConstantRows(t *testing.T) {
	const width = 24
	var x [][]float32
	for i := range 64 {
		x = append(x, slices.Repeat([]float32{1 + 0.37*float32(i)}, width))
	}
	norm := func(n *Net, in []*Node) *Node { return n.normalize(in[0], in[1], in[2]) }
	c := recipe.Model{ComputeDType: recipe.BFloat16, LayerNormEps: 1e-12}
	in := []any{x, waves(width, 0.7), waves(width, 2.1)}
	for i, result := range slopes(t, backendstest.AsCUDA(backendstest.Go(t)), c, norm, in, true) {
		for j, v := range result {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Fatalf("result %d[%d] is %g", i, j, v)
			}
		}
	}
}

// slopes are f of in, and the gradients by all of in of its elements with unequal weights.
func slopes(t *testing.T, backend compute.Backend, c recipe.Model, f func(*Net, []*Node) *Node, in []any, own bool) [][]float32 {
	t.Helper()
	out, err := ExecOnceN(backend, func(in []*Node) []*Node {
		g := in[0].Graph()
		n := New(model.NewStore(), g, c, Const(g, []uint64{1, 2, 3}))
		if n.ownGradients() != own {
			t.Errorf("own gradients are %t", !own)
		}
		y := f(n, in)
		weights := Cos(ConvertDType(IotaFull(y.Graph(), y.Shape()), dtypes.Float32))
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, weights)), in...)...)
	}, in...)
	if err != nil {
		t.Fatal(err)
	}
	return valuesOf(t, out)
}

// valuesOf are the elements of float32 tensors.
func valuesOf(t *testing.T, list []*tensors.Tensor) [][]float32 {
	t.Helper()
	values := make([][]float32, len(list))
	for i, x := range list {
		var err error
		if values[i], err = tensors.CopyFlatData[float32](x); err != nil {
			t.Fatal(err)
		}
	}
	return values
}

// waves are numbers of both signs.
func waves(n int, speed float64) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(2 * math.Sin(speed*float64(i)+0.3))
	}
	return list
}

// TestLinear: the gradients of a linear layer in bfloat16 are those of float32. The bias's is a product with ones where it is
// wide, and the weight's a sum over two axes where the number of rows is even. All numbers are whole and small, so that both
// types hold them exactly.
func TestLinear(t *testing.T) {
	for _, rows := range []int{5, 6} {
		for _, out := range []int{3, fastColumns + 1} {
			var results [2][][]float32
			for i, dtype := range []string{recipe.Float32, recipe.BFloat16} {
				results[i] = linearSlopes(t, dtype, rows, out)
			}
			for i := range results[0] {
				if !slices.Equal(results[0][i], results[1][i]) {
					t.Errorf("%d rows, %d columns: result %d differs from that in float32", rows, out, i)
				}
			}
		}
	}
}

// linearSlopes are the result [rows,out] of a linear layer of width 4 and its gradients by weight, bias and input, for a gradient
// of the result from -1 to 1.
func linearSlopes(t *testing.T, dtype string, rows, out int) [][]float32 {
	t.Helper()
	whole := func(n, width int) [][]float32 {
		list := make([][]float32, n)
		for i := range list {
			for j := range width {
				list[i] = append(list[i], float32((3*i+2*j)%7-3))
			}
		}
		return list
	}
	results, err := ExecOnceN(backendstest.Go(t), func(in []*Node) []*Node {
		n := New(model.NewStore(), in[0].Graph(), recipe.Model{ComputeDType: dtype}, nil)
		y := ConvertDType(n.linear(in[0], in[1], in[2]), dtypes.Float32)
		slope := ConvertDType(AddScalar(Mod(Iota(y.Graph(), y.Shape(), 1), Const(y.Graph(), float32(3))), -1), dtypes.Float32)
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, slope)), in...)...)
	}, whole(out, 4), whole(1, out)[0], whole(rows, 4))
	if err != nil {
		t.Fatal(err)
	}
	return valuesOf(t, results)
}
