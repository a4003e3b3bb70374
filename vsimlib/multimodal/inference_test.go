// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/recipe"
)

// TestForInference: under bfloat16 the weights of linear layers are rounded as the program would round them, and the others, which
// are added or looked up in float32, stay as they are.
func TestForInference(t *testing.T) {
	c := recipe.Model{HiddenSize: 8, NumHiddenLayers: 2, NumAttentionHeads: 2, IntermediateSize: 16, VocabSize: 30, TypeVocabSize: 2,
		MaxPositionEmbeddings: 20, FrameDim: 6, NumTags: 5, EmbeddingDim: 4, Pooling: recipe.MaskedAttention, InitializerRange: .02}
	store, err := NewStore(c, 3)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := forInference(store, c); err != nil || same != store {
		t.Errorf("in float32 the store is another one: %v", err)
	}
	c.ComputeDType = recipe.BFloat16
	narrow, err := forInference(store, c)
	if err != nil {
		t.Fatal(err)
	}
	value := func(s *model.Store, name string) *tensors.Tensor {
		t.Helper()
		v, err := s.GetVariable(model.ScopeSeparator + name).Value()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, shape := range Shapes(c) {
		got, want := value(narrow, name), value(store, name)
		if len(shape) == 2 && !strings.HasSuffix(name, "_embeddings.weight") {
			want, err = ExecOnce(backendstest.Go(t), func(x *Node) *Node { return ConvertDType(x, dtypes.BFloat16) }, want)
			if err != nil {
				t.Fatal(err)
			}
		}
		if !got.Equal(want) {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
