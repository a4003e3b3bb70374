// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"context"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/recipe"
)

// TestBits: the row of a video has the same bits whatever the order of the records and whichever others are embedded with it, in
// both types and for each pooling; the order of the rows is that of the records.
func TestBits(t *testing.T) {
	backend := backendstest.Backend(t)
	all, videos, width := records, 322, 64
	if testing.Short() {
		videos, width = 24, 16
		all = firstRecords(t, videos)
	}
	shuffled := rand.New(rand.NewPCG(1, 2)).Perm(videos)
	parts := []string{all, theseRecords(t, shuffled), theseRecords(t, shuffled[:7]), theseRecords(t, shuffled[7:videos*5/8])}
	for _, pooling := range []string{recipe.MaskedMean, recipe.MaskedAttention, recipe.CLS, recipe.Mean} {
		model := modelOf(t, func(c *recipe.Model) {
			c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize, c.EmbeddingDim = width, 2, 2, 2*width, 32
			c.MaxFrames, c.MaxText, c.Pooling = 8, 24, pooling
		})
		for _, dtype := range []string{recipe.Float32, recipe.BFloat16} {
			if dtype == recipe.BFloat16 && pooling != recipe.MaskedMean {
				continue // the encoder's products are the same
			}
			var want map[int64][]float32
			for _, part := range parts {
				o := Options{Backend: backend, Model: model, Records: []string{part}, Batch: 16, DType: dtype,
					Out: filepath.Join(t.TempDir(), "e.safetensors")}
				if _, err := Run(context.Background(), o); err != nil {
					t.Fatal(err)
				}
				set, err := embeddings.Read(o.Out)
				if err != nil {
					t.Fatal(err)
				}
				got := map[int64][]float32{}
				for i, id := range set.IDs {
					got[id] = set.Row(i)
				}
				if want == nil {
					want = got
				}
				for id := range got {
					if !slices.Equal(got[id], want[id]) {
						t.Fatalf("%s, %s: video %d has other bits among %d videos: %v, want %v", pooling, dtype, id, len(got), got[id][:4],
							want[id][:4])
					}
				}
			}
			if n := len(slices.Collect(maps.Keys(want))); n != videos {
				t.Fatalf("%d videos", n)
			}
		}
	}
}

// TestDType: bfloat16 is close to float32 and not the same; a model's own type is used where no other is asked for.
func TestDType(t *testing.T) {
	own := map[string]string{}
	for _, dtype := range []string{"", recipe.BFloat16} {
		own[dtype] = modelOf(t, func(c *recipe.Model) { c.Pooling, c.ComputeDType = recipe.MaskedMean, dtype })
	}
	embed := func(model, dtype string) *embeddings.Set {
		t.Helper()
		set, _, err := embedAll(t, Options{Model: model, Records: []string{firstRecords(t, 20)}, DType: dtype})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	plain, half := embed(own[""], ""), embed(own[""], recipe.BFloat16)
	if slices.Equal(plain.Data, half.Data) {
		t.Error("bfloat16 gives the bits of float32")
	}
	for i, x := range plain.Data {
		if d := x - half.Data[i]; d > .03 || d < -.03 {
			t.Fatalf("value %d: %g in bfloat16, %g in float32", i, half.Data[i], x)
		}
	}
	if got := embed(own[recipe.BFloat16], ""); !slices.Equal(got.Data, half.Data) {
		t.Error("a model that computes in bfloat16 has other bits than --dtype bfloat16")
	}
	if got := embed(own[recipe.BFloat16], recipe.Float32); !slices.Equal(got.Data, plain.Data) {
		t.Error("a model that computes in bfloat16 has other bits than float32 where that is asked for")
	}
}
