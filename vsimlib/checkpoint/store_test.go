// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/safetensors"
)

// newStore has two weights that a loss reaches and one that it does not.
func newStore(fill float32) *model.Store {
	store := model.NewStore()
	store.VariableWithValue("/tag_fc.weight", [][]float32{{fill, 2, 3}, {4, 5, -6}})
	store.VariableWithValue("/bert.x.bias", []float32{fill, -1})
	store.VariableWithValue("/embedding_fc.weight", [][]float32{{fill}})
	store.VariableWithValue("/counter", []int32{7}) // not a weight
	return store
}

// step builds an executable of one AdamW step on a small regression.
func step(t *testing.T, backend compute.Backend, store *model.Store) func(i int) {
	t.Helper()
	config := optim.Config{LREncoder: 0.1, LRHeads: 0.2, WeightDecay: 0.01, Eps: 1e-6, TotalSteps: 10, Warmup: 1}
	names := []string{"bert.x.bias", "embedding_fc.weight", "tag_fc.weight"}
	exec, err := model.NewExec(backend, store, func(s *model.Scope, x, rates *Node) *Node {
		w, b := s.Store().GetVariable("/tag_fc.weight"), s.Store().GetVariable("/bert.x.bias")
		y := Add(Einsum("i,oi->o", x, w.NodeValue(x.Graph())), b.NodeValue(x.Graph()))
		loss := ReduceAllSum(Square(y))
		config.Update(s.Store(), names, loss, rates)
		return loss
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(i int) {
		if _, err := exec.Call(tensors.FromValue([]float32{0.3, float32(i), -0.2}), config.Rates(i, i+1)); err != nil {
			t.Fatal(err)
		}
	}
}

// take copies weights and moments to the host.
func take(t *testing.T, store *model.Store) map[string][]safetensors.Tensor {
	t.Helper()
	groups := map[string][]safetensors.Tensor{}
	for name, scope := range map[string]string{"weights": Root, "moments_m": optim.FirstMoments, "moments_v": optim.SecondMoments} {
		g, err := Variables(store, scope, new([]float32))
		if err != nil {
			t.Fatal(err)
		}
		groups[name] = []safetensors.Tensor{}
		for i, s := range g.Specs {
			data, err := g.Data(i)
			if err != nil {
				t.Fatal(err)
			}
			tensor := safetensors.Tensor{Name: s.Name, DType: s.DType, Shape: s.Shape, Data: slices.Clone(data)}
			groups[name] = append(groups[name], tensor)
		}
	}
	return groups
}

// TestResumeIsBitwise trains on, and trains on from a checkpoint in a store of other values: the weights are the same bits.
func TestResumeIsBitwise(t *testing.T) {
	backend := backendstest.Backend(t)
	store, dir := newStore(1), t.TempDir()
	run := step(t, backend, store)
	for i := range 3 {
		run(i)
	}
	saved := take(t, store)
	if names := namesOf(saved["weights"]); !reflect.DeepEqual(names, []string{"bert.x.bias", "embedding_fc.weight", "tag_fc.weight"}) {
		t.Fatalf("weights %q", names)
	}
	if names := namesOf(saved["moments_v"]); !reflect.DeepEqual(names, []string{"bert.x.bias", "tag_fc.weight"}) {
		t.Fatalf("moments %q", names)
	}
	if err := Save(dir, 3, saved, nil); err != nil {
		t.Fatal(err)
	}
	for i := 3; i < 6; i++ {
		run(i)
	}
	want := take(t, store)
	if reflect.DeepEqual(want, saved) {
		t.Fatal("training changed nothing")
	}

	loaded, _, err := Latest(dir)
	if err != nil {
		t.Fatal(err)
	}
	other := newStore(9)
	group := func(name string) []safetensors.Tensor {
		list, err := loaded.Group(name)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if err := Restore(other, Root, group("weights")); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{optim.FirstMoments, "moments_m"}, {optim.SecondMoments, "moments_v"}} {
		if err := RestoreMoments(other, c[0], group(c[1])); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(take(t, other), saved) {
		t.Fatal("the restored store differs from the saved one")
	}
	for v := range other.IterVariables() {
		if moment := strings.HasPrefix(v.Path(), "/adamw_"); moment == v.Trainable {
			t.Errorf("%s: trainable %v", v.Path(), v.Trainable)
		}
	}
	again := step(t, backend, other)
	for i := 3; i < 6; i++ {
		again(i)
	}
	if !reflect.DeepEqual(take(t, other), want) {
		t.Fatal("the resumed run ends with other weights")
	}
	// Going back in place, moments and all, is the same again.
	if err := Restore(store, Root, saved["weights"]); err != nil {
		t.Fatal(err)
	}
	for scope, name := range map[string]string{optim.FirstMoments: "moments_m", optim.SecondMoments: "moments_v"} {
		if err := RestoreMoments(store, scope, saved[name]); err != nil {
			t.Fatal(err)
		}
	}
	for i := 3; i < 6; i++ {
		run(i)
	}
	if !reflect.DeepEqual(take(t, store), want) {
		t.Fatal("the rewound run ends with other weights")
	}
}

func namesOf(list []safetensors.Tensor) []string {
	names := []string{}
	for _, t := range list {
		names = append(names, t.Name)
	}
	return names
}

func TestRestoreRefuses(t *testing.T) {
	f32 := func(name string, shape ...int) safetensors.Tensor {
		size := 1
		for _, n := range shape {
			size *= n
		}
		return safetensors.FromFloat32(name, shape, make([]float32, size))
	}
	bias, tag, embedding := f32("bert.x.bias", 2), f32("tag_fc.weight", 2, 3), f32("embedding_fc.weight", 1, 1)
	torn := tag
	torn.Data = torn.Data[:20]
	half := safetensors.Tensor{Name: "bert.x.bias", DType: safetensors.Float16, Shape: []int{2}, Data: []byte{0, 0x3c, 0, 0x40}}
	for _, c := range []struct {
		name    string
		moments bool
		list    []safetensors.Tensor
		want    []string
	}{
		{"missing", false, []safetensors.Tensor{bias}, []string{"2 missing: embedding_fc.weight, tag_fc.weight"}},
		{"unknown", false, []safetensors.Tensor{bias, tag, embedding, f32("counter", 1)}, []string{"1 unknown: counter"}},
		{"both", false, []safetensors.Tensor{bias, tag, f32("x", 1)}, []string{"1 missing: embedding_fc.weight; 1 unknown: x"}},
		{"shape", false, []safetensors.Tensor{bias, f32("tag_fc.weight", 3, 2), embedding},
			[]string{"tag_fc.weight ([3 2], the model has [2 3])"}},
		{"dtype", false, []safetensors.Tensor{half, tag, embedding}, []string{"not F32: bert.x.bias (F16)"}},
		{"torn", false, []safetensors.Tensor{bias, torn, embedding}, []string{"torn: tag_fc.weight (20 bytes of 24)"}},
		{"twice", false, []safetensors.Tensor{bias, bias, tag, embedding}, []string{"bert.x.bias: given twice"}},
		{"moment of nothing", true, []safetensors.Tensor{f32("y", 2)}, []string{"1 unknown: y"}},
		{"moment's shape", true, []safetensors.Tensor{f32("bert.x.bias", 3)}, []string{"of another shape"}},
		{"moment missing", true, []safetensors.Tensor{tag}, []string{"1 missing: bert.x.bias"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(1)
			store.VariableWithValue("/adamw_m/bert.x.bias", []float32{5, 5})
			before := take(t, store)
			err := Restore(store, Root, c.list)
			if c.moments {
				err = RestoreMoments(store, optim.FirstMoments, c.list)
			}
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %v, want one line", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if !reflect.DeepEqual(take(t, store), before) {
				t.Error("a refused restore changed the store")
			}
		})
	}
}

func TestLongListsAreCut(t *testing.T) {
	store := newStore(1)
	list := []safetensors.Tensor{}
	for _, name := range strings.Split("abcdefghijkl", "") {
		list = append(list, safetensors.FromFloat32(name, []int{1}, []float32{1}))
	}
	err := Restore(store, Root, list)
	if err == nil || !strings.Contains(err.Error(), "12 unknown: a, b, c, d and 8 more") {
		t.Errorf("error %v", err)
	}
}
