// SPDX-License-Identifier: Apache-2.0

package step

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
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
