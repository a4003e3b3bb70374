// SPDX-License-Identifier: Apache-2.0

package multimodal

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/float16"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/recipe"
)

// odd is a model of odd sizes.
func odd(layout, pooling string) recipe.Model {
	return recipe.Model{VocabSize: 23, HiddenSize: 15, NumHiddenLayers: 1, NumAttentionHeads: 3, IntermediateSize: 21,
		MaxPositionEmbeddings: 11, TypeVocabSize: 2, LayerNormEps: 1e-12, FrameDim: 7,
		MaxFrames: 3, MaxText: 5, NumTags: 4, EmbeddingDim: 9,
		Layout: layout, Pooling: pooling, TagInput: recipe.TagCLS, InitializerRange: 0.3,
		HiddenDropoutProb: 0.1, AttentionProbsDropoutProb: 0.1}
}

// rows are two videos: 3 tokens and 2 frames, 5 tokens and no frame. fill is the value of all padding.
func rows(fill int) (ids, textMask [][]int32, frames [][][]float32, frameMask [][]int32) {
	f := int32(fill)
	ids = [][]int32{{2, 7, 3, f, f}, {2, 9, 10, 11, 3}}
	textMask = [][]int32{{1, 1, 1, 0, 0}, {1, 1, 1, 1, 1}}
	frameMask = [][]int32{{1, 1, 0}, {0, 0, 0}}
	frames = make([][][]float32, 2)
	for b := range frames {
		for n := range frameMask[b] {
			row := make([]float32, 7)
			for d := range row {
				row[d] = float32(fill)
				if frameMask[b][n] == 1 {
					row[d] = float32((n*7+d)%5) / 4 // exact in float16
				}
			}
			frames[b] = append(frames[b], row)
		}
	}
	return ids, textMask, frames, frameMask
}

// embedder compiles the embedding graph, in training with the random state as a fifth input.
func embedder(t *testing.T, c recipe.Model, store *model.Store) func(in ...any) []float32 {
	t.Helper()
	exec, err := model.NewExec(backendstest.Backend(t), store, func(s *model.Scope, x []*Node) []*Node {
		var state *Node
		if len(x) == 5 {
			state = x[4]
		}
		m := Model{Net: bert.New(s.Store(), x[0].Graph(), c, state)}
		return []*Node{m.Embedding(m.Encode(Inputs{TextIDs: x[0], TextMask: x[1], Frames: x[2], FrameMask: x[3]}))}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return func(in ...any) []float32 {
		t.Helper()
		out, err := exec.Call(in...)
		if err != nil {
			t.Fatal(err)
		}
		flat, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			t.Fatal(err)
		}
		return flat
	}
}

func fresh(t *testing.T, c recipe.Model) *model.Store {
	t.Helper()
	store, err := NewStore(c, 5)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func largest(a, b []float32) float64 {
	d := 0.0
	for i := range a {
		d = math.Max(d, math.Abs(float64(a[i]-b[i])))
	}
	return d
}

// TestPadding changes the padding. A masked pooling must not see it; the released poolings do.
func TestPadding(t *testing.T) {
	for _, layout := range []string{competition.LayoutCLSFirst, competition.LayoutFramesFirst} {
		for pooling, sees := range map[string]bool{recipe.MaskedMean: false, recipe.MaskedAttention: false, recipe.CLS: false,
			recipe.Mean: true} {
			c := odd(layout, pooling)
			embed := embedder(t, c, fresh(t, c))
			run := func(fill int) []float32 {
				ids, textMask, frames, frameMask := rows(fill)
				return embed(ids, textMask, frames, frameMask)
			}
			if d := largest(run(0), run(6)); (d > 1e-6) != sees {
				t.Errorf("%s, %s: padding moves the embedding by %g", layout, pooling, d)
			}
		}
	}
}

// TestHalfFrames takes float16 frames and float32 frames of the same values to the same embedding.
func TestHalfFrames(t *testing.T) {
	c := odd(competition.LayoutCLSFirst, recipe.Mean)
	embed := embedder(t, c, fresh(t, c))
	ids, textMask, frames, frameMask := rows(0)
	var half []float16.Float16
	for _, video := range frames {
		for _, frame := range video {
			for _, x := range frame {
				half = append(half, float16.FromFloat32(x))
			}
		}
	}
	wide := embed(ids, textMask, frames, frameMask)
	narrow := embed(ids, textMask, tensors.FromFlatDataAndDimensions(half, 2, 3, 7), frameMask)
	if d := largest(wide, narrow); d != 0 {
		t.Errorf("differ by %g", d)
	}
}

// TestBFloat16 computes in bfloat16 near float32, with weights that stay float32.
func TestBFloat16(t *testing.T) {
	c := odd(competition.LayoutFramesFirst, recipe.Attention)
	store := fresh(t, c)
	ids, textMask, frames, frameMask := rows(0)
	exact := embedder(t, c, store)(ids, textMask, frames, frameMask)
	c.ComputeDType = recipe.BFloat16
	near := embedder(t, c, store)(ids, textMask, frames, frameMask)
	if d := largest(exact, near); d == 0 || d > 0.05 {
		t.Errorf("bfloat16 is off by %g, want something small but not nothing", d)
	}
	for v := range store.IterVariables() {
		if v.DType() != dtypes.Float32 {
			t.Errorf("%s became %s", v.Name(), v.DType())
		}
	}
}

// TestDropout draws from the given state alone: equal states give equal embeddings, others do not, and inference draws nothing.
func TestDropout(t *testing.T) {
	c := odd(competition.LayoutCLSFirst, recipe.MaskedMean)
	store := fresh(t, c)
	embed := embedder(t, c, store)
	ids, textMask, frames, frameMask := rows(0)
	run := func(seed int64) []float32 {
		state, err := RNGStateFromSeed(seed)
		if err != nil {
			t.Fatal(err)
		}
		return embed(ids, textMask, frames, frameMask, state)
	}
	still := embed(ids, textMask, frames, frameMask)
	if largest(run(1), run(1)) != 0 {
		t.Error("equal states, other embeddings")
	}
	if largest(run(1), run(2)) == 0 || largest(run(1), still) == 0 {
		t.Error("dropout does nothing")
	}
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	embed = embedder(t, c, store)
	if largest(run(1), still) != 0 {
		t.Error("probability 0 in training differs from inference")
	}
}
