// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/multimodal"
)

// TestPoolingCLS: under pooling cls the embedding is the projected state at [CLS], where both layouts have it, packed or not.
func TestPoolingCLS(t *testing.T) {
	for _, layout := range []string{competition.LayoutCLSFirst, competition.LayoutFramesFirst} {
		var padded []float32
		for _, keep := range []string{"true", "false"} {
			f := newFixture(t, "model.pooling=cls", "model.layout="+layout, "model.keep_padding="+keep)
			if c := f.recipe.Model; c.Packs() == (keep == "true") {
				t.Fatalf("keep_padding %s: packs %t", keep, c.Packs())
			}
			out, _ := f.call(t, backendstest.Go(t), nil, func(store *model.Store, in []*Node) []*Node {
				m := multimodal.Model{Net: bert.New(store, in[0].Graph(), f.recipe.Model, nil)}
				x := multimodal.NewInputs(f.recipe.Model, in)
				cls := m.Linear("embedding_fc", m.EncodeAt(x, m.CLSIndices(x))[0])
				return []*Node{m.Embedding(m.Encode(x)), Div(cls, L2Norm(cls, -1))}
			})
			got, want := flat(t, out[0]), flat(t, out[1])
			if padded == nil {
				padded = got
			}
			for i := range got {
				if d := math.Abs(float64(got[i] - want[i])); d > 1e-6 {
					t.Fatalf("%s, keep_padding %s: value %d is %g, want %g", layout, keep, i, got[i], want[i])
				}
				if d := math.Abs(float64(got[i] - padded[i])); d > 1e-5 {
					t.Fatalf("%s: value %d is %g packed and %g padded", layout, i, got[i], padded[i])
				}
			}
		}
	}
}
