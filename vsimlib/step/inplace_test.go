// SPDX-License-Identifier: Apache-2.0

package step

import (
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
)

// TestUpdateInPlace holds GoMLX and go-xla to the fields that updateInPlace reads: the parameter of every changed variable, and no
// other, must name the output that replaces it. A version that stores its values elsewhere would silently cost memory.
func TestUpdateInPlace(t *testing.T) {
	backend := backendstest.XLA(t)
	store := model.NewStore()
	for _, name := range []string{"/first", "/kept", "/second"} {
		if _, err := store.CreateVariable(name, tensors.FromFlatDataAndDimensions([]float32{1, 2, 3}, 3)); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]any{}
	exec, err := model.NewExec(backend, store, func(s *model.Scope, in []*Node) []*Node {
		g, all := in[0].Graph(), s.Store()
		kept := all.GetVariable("/kept").NodeValue(g)
		for _, name := range []string{"/second", "/first"} { // not in the store's order
			v := all.GetVariable(name)
			v.SetNodeValue(Add(v.NodeValue(g), Mul(kept, in[0])))
		}
		updateInPlace(all, g)
		for _, name := range []string{"/first", "/kept", "/second"} {
			if value := stableHLO(g.GetParameterByName(name)); value == nil {
				t.Errorf("%s: GoMLX or go-xla stores the parameter's value where updateInPlace does not find it", name)
			} else {
				got[name] = value.Attributes["tf.aliasing_output"]
			}
		}
		return []*Node{ReduceAllSum(kept)}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	for range 3 {
		if _, err := exec.Call(float32(10)); err != nil {
			t.Fatal(err)
		}
	}
	if got["/first"] != int32(0) || got["/second"] != int32(1) || got["/kept"] != nil {
		t.Errorf("aliases %v, want the changed variables in the store's order", got)
	}
	for name, want := range map[string][]float32{"/first": {31, 62, 93}, "/second": {31, 62, 93}, "/kept": {1, 2, 3}} {
		value, err := store.GetVariable(name).Value()
		if err != nil {
			t.Fatal(err)
		}
		if flat, err := tensors.CopyFlatData[float32](value); err != nil || !slices.Equal(flat, want) {
			t.Errorf("%s is %v (%v), want %v", name, flat, err, want)
		}
	}
}
