// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/recipe"
)

// Sizes that all differ, so that a swapped axis shows.
const poolB, poolN, poolT, poolH, poolE = 3, 2, 5, 6, 7

// TestE7Pooling compares the five poolings with the formula written out in float64, and shows which of them padding changes.
func TestE7Pooling(t *testing.T) {
	s := poolN + poolT
	draw := rand.New(rand.NewPCG(7, 1))
	sequence := make([]float32, poolB*s*poolH)
	for i := range sequence {
		sequence[i] = float32(draw.NormFloat64())
	}
	mask := make([]int32, poolB*s)
	for i := range mask { // rows with 7, 5 and 3 real positions
		if row, at := i/s, i%s; at < s-2*row {
			mask[i] = 1
		}
	}
	for _, pooling := range []string{recipe.Mean, recipe.Attention, recipe.MaskedMean, recipe.MaskedAttention, recipe.CLS} {
		t.Run(pooling, func(t *testing.T) {
			c := recipe.Model{
				VocabSize: 11, HiddenSize: poolH, NumHiddenLayers: 1, NumAttentionHeads: 2, IntermediateSize: 5, MaxPositionEmbeddings: 8,
				TypeVocabSize: 2, LayerNormEps: 1e-12, FrameDim: 3, MaxFrames: poolN, MaxText: poolT, NumTags: 4, EmbeddingDim: poolE,
				Layout: competition.LayoutCLSFirst, Pooling: pooling, TagInput: recipe.TagCLS, InitializerRange: 0.02,
			}
			got := pool(t, c, sequence, mask)
			want := poolByHand(c, sequence, mask)
			for i := range want {
				if math.Abs(float64(got[i])-want[i]) > 1e-5 {
					t.Fatalf("value %d is %g, want %g", i, got[i], want[i])
				}
			}
			other := append([]float32(nil), sequence...)
			for i := range other { // the padding
				if mask[i/poolH] == 0 {
					other[i] += 1
				}
			}
			changed := false
			for i, v := range pool(t, c, other, mask) {
				changed = changed || v != got[i]
			}
			if changed == c.Masked() {
				t.Errorf("padding changes the embedding: %t, want %t", changed, !c.Masked())
			}
		})
	}
}

// pool runs RawEmbedding with the weights of seed 3.
func pool(t *testing.T, c recipe.Model, sequence []float32, mask []int32) []float32 {
	t.Helper()
	store, err := NewStore(c, 3)
	if err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(backendstest.Backend(t), store, func(s *model.Scope, in []*Node) *Node {
		return Model{bert.New(s.Store(), in[0].Graph(), c, nil)}.RawEmbedding(Sequence{Hidden: in[0], Mask: in[1], videos: poolB})
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(sequence, poolB, poolN+poolT, poolH),
		tensors.FromFlatDataAndDimensions(mask, poolB, poolN+poolT))
	if err != nil {
		t.Fatal(err)
	}
	values, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// poolByHand is the formula: w is 1/S or a softmax of u·tanh(V x + c) + d, over all positions or the real ones, or 1 at the first.
func poolByHand(c recipe.Model, sequence []float32, mask []int32) []float64 {
	s := poolN + poolT
	weight := func(name string) []float32 { return Initial(c, name, Shapes(c)[name], 3) }
	linear := func(name string, x []float64) []float64 {
		w, b := weight(name+".weight"), weight(name+".bias")
		y := make([]float64, len(b))
		for i := range y {
			y[i] = float64(b[i])
			for j, v := range x {
				y[i] += float64(w[i*len(x)+j]) * v
			}
		}
		return y
	}
	var out []float64
	for row := range poolB {
		pooled, total := make([]float64, poolH), 0.
		for at := range s {
			if c.Masked() && mask[row*s+at] == 0 || c.Pooling == recipe.CLS && at > 0 {
				continue
			}
			x := make([]float64, poolH)
			for j := range x {
				x[j] = float64(sequence[(row*s+at)*poolH+j])
			}
			w := 1.
			if c.AttentionPooling() {
				score := linear("attention_pool.dense", x)
				for j := range score {
					score[j] = math.Tanh(score[j])
				}
				w = math.Exp(linear("attention_pool.score", score)[0])
			}
			total += w
			for j := range x {
				pooled[j] += w * x[j]
			}
		}
		for j := range pooled {
			pooled[j] /= total
		}
		out = append(out, linear("embedding_fc", pooled)...)
	}
	return out
}
