// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/safetensors"
)

// apart is a backend whose memory the host does not see, as that of a GPU.
type apart struct{ compute.Backend }

func (apart) HasSharedBuffers() bool { return false }

// TestVariablesApart: tensors that the host does not see are copied one by one into the same buffer, and no copy stays with them.
func TestVariablesApart(t *testing.T) {
	backend, err := backends.OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	store.VariableWithValue("/a", []float32{1, 2, 3, 4})
	store.VariableWithValue("/b", []float32{5, 6})
	for v := range store.IterVariables() {
		if err := v.MustValue().MaterializeOnDevice(apart{backend}, false, 0); err != nil {
			t.Fatal(err)
		}
		v.MustValue().FinalizeLocal()
	}
	g, err := Variables(store, Root, new([]float32))
	if err != nil {
		t.Fatal(err)
	}
	if g.Direct || len(g.Specs) != 2 || g.Size() != 24 {
		t.Fatalf("%+v", g)
	}
	var starts []*byte
	for i, want := range [][]float32{{1, 2, 3, 4}, {5, 6}} {
		data, err := g.Data(i)
		if err != nil {
			t.Fatal(err)
		}
		s := g.Specs[i]
		got, err := safetensors.Float32s(safetensors.Tensor{Name: s.Name, DType: s.DType, Shape: s.Shape, Data: data})
		if err != nil || len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%s: %v, %v", s.Name, got, err)
		}
		starts = append(starts, &data[0])
	}
	if starts[0] != starts[1] {
		t.Error("the second tensor has a buffer of its own")
	}
	for v := range store.IterVariables() {
		if v.MustValue().HasLocal() {
			t.Errorf("%s has a copy on the host now", v.Path())
		}
	}
}
