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

// TestRoundWeights: under bfloat16 the weights of linear layers are rounded as the program would round them. Those that are added
// or looked up in float32, and those of heads, stay as they are; so do all in float32.
func TestRoundWeights(t *testing.T) {
	c := recipe.Model{HiddenSize: 8, NumHiddenLayers: 2, NumAttentionHeads: 2, IntermediateSize: 16, VocabSize: 30, TypeVocabSize: 2,
		MaxPositionEmbeddings: 20, FrameDim: 6, NumTags: 5, EmbeddingDim: 4, Pooling: recipe.MaskedAttention, InitializerRange: .02}
	for _, c.ComputeDType = range []string{recipe.Float32, recipe.BFloat16} {
		store, same := storeFor(t, c), storeFor(t, c)
		if err := roundWeights(store, c); err != nil {
			t.Fatal(err)
		}
		rounded := 0
		for name, shape := range Shapes(c) {
			got, want := valueOf(t, store, name), valueOf(t, same, name)
			linear := len(shape) == 2 && !strings.HasSuffix(name, "_embeddings.weight")
			head := strings.HasPrefix(name, "cls.predictions.") || strings.HasPrefix(name, "mfm.") || strings.HasPrefix(name, "tag_fc.")
			if linear && !head && c.ComputeDType == recipe.BFloat16 {
				want = inBFloat16(t, want)
				rounded++
			}
			if !got.Equal(want) {
				t.Errorf("%s: %s is %s, want %s", c.ComputeDType, name, got, want)
			}
		}
		if want := 2*6 + 4; c.ComputeDType == recipe.BFloat16 && rounded != want { // layers, video_fc, embedding_fc, attention_pool
			t.Errorf("%d weights are rounded, want %d", rounded, want)
		}
	}
}

func storeFor(t *testing.T, c recipe.Model) *model.Store {
	t.Helper()
	store, err := NewStore(c, 3)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func valueOf(t *testing.T, s *model.Store, name string) *tensors.Tensor {
	t.Helper()
	v, err := s.GetVariable(model.ScopeSeparator + name).Value()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func inBFloat16(t *testing.T, x *tensors.Tensor) *tensors.Tensor {
	t.Helper()
	y, err := ExecOnce(backendstest.Go(t), func(x *Node) *Node { return ConvertDType(x, dtypes.BFloat16) }, x)
	if err != nil {
		t.Fatal(err)
	}
	return y
}
