// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/recipe"
)

// TestDevices runs a program on one device and on two: there each has half of the rows and all of the other array.
func TestDevices(t *testing.T) {
	backend := backendstest.Backend(t)
	for n := 1; n <= min(2, backend.NumDevices()); n++ {
		d, err := NewDevices(backend, n)
		if err != nil {
			t.Fatal(err)
		}
		exec, err := model.NewExec(backend, model.NewStore(), func(_ *model.Scope, in []*Node) []*Node {
			in[0].AssertDims(4, 3)
			return []*Node{ReduceAllSum(Mul(in[0], InsertAxes(in[1], 0)))}
		})
		if err != nil {
			t.Fatal(err)
		}
		arrays := []array{
			{"rows", true, tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 4, 3)},
			{"whole", false, tensors.FromFlatDataAndDimensions([]float32{1, 10, 100}, 3)},
		}
		d.spread(exec, arrays[:1])
		if err := d.put(arrays); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Call(values(arrays)...)
		if err != nil {
			t.Fatal(err)
		}
		if len(out) != n { // the sum over all rows, from each device
			t.Errorf("%d devices: %d results", n, len(out))
		}
		for _, x := range out {
			if got := tensors.ToScalar[float32](x); got != 22+260+3000 {
				t.Errorf("%d devices: %g", n, got)
			}
		}
		if err := free(arrays); err != nil {
			t.Error(err)
		}
	}
}

// TestDropoutOfDevices: as on GPUs, two devices keep the elements that one keeps.
func TestDropoutOfDevices(t *testing.T) {
	backend := backendstest.AsCUDA(backendstest.Backend(t))
	if backend.NumDevices() < 2 {
		t.Skip("this backend has one device")
	}
	const rows, width = 6, 35
	ones := slices.Repeat([]float32{1}, rows*width)
	var kept [2]float32
	for n := range kept {
		d, err := NewDevices(backend, n+1)
		if err != nil {
			t.Fatal(err)
		}
		exec, err := model.NewExec(backend, model.NewStore(), func(scope *model.Scope, in []*Node) []*Node {
			g := in[0].Graph()
			x := bert.New(scope.Store(), g, recipe.Model{}, in[1]).Drop(in[0], 0.5)
			return []*Node{ReduceAllSum(Mul(x, Sqrt(ConvertDType(IotaFull(g, x.Shape()), x.DType()))))}
		})
		if err != nil {
			t.Fatal(err)
		}
		arrays := []array{{"rows", true, tensors.FromFlatDataAndDimensions(ones, rows, width)}, {"state", false, randomState(1, 0)}}
		d.spread(exec, arrays)
		if err := d.put(arrays); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Call(values(arrays)...)
		if err != nil {
			t.Fatal(err)
		}
		kept[n] = tensors.ToScalar[float32](out[0])
		if err := free(arrays); err != nil {
			t.Error(err)
		}
	}
	if kept[0] < 1000 || math.Abs(float64(kept[1]-kept[0])) > 0.1 {
		t.Errorf("the roots of the indices of what is kept have the sums %g", kept)
	}
}
