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
	scale, shift := waves(width, 0.7), waves(width, 2.1)
	for name, c := range map[string]struct {
		f         func(n *Net, in []*Node) *Node
		in        []any
		tolerance float64
	}{
		"LayerNorm": {func(n *Net, in []*Node) *Node { return n.normalize(in[0], in[1], in[2]) }, []any{x, scale, shift}, 1e-5},
		"softmax":   {func(n *Net, in []*Node) *Node { return n.softmax(in[0]) }, []any{x}, 4e-3},
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

// slopes are f of in, and the gradients by all of in of its elements with unequal weights.
func slopes(t *testing.T, backend compute.Backend, c recipe.Model, f func(*Net, []*Node) *Node, in []any, own bool) [][]float32 {
	t.Helper()
	out, err := ExecOnceN(backend, func(in []*Node) []*Node {
		n := New(model.NewStore(), in[0].Graph(), c, nil)
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
	list := make([][]float32, len(out))
	for i := range out {
		if list[i], err = tensors.CopyFlatData[float32](out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// waves are numbers of both signs.
func waves(n int, speed float64) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(2 * math.Sin(speed*float64(i)+0.3))
	}
	return list
}
