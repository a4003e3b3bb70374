// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/multimodal"
)

// TestGradientCheckpointing: the gradients of every weight are those without it, dropout included.
func TestGradientCheckpointing(t *testing.T) {
	backends := map[string]func(testing.TB) compute.Backend{
		"go":         backendstest.Go,
		"as on CUDA": func(t testing.TB) compute.Backend { return backendstest.AsCUDA(backendstest.Go(t)) },
		"xla": func(t testing.TB) compute.Backend {
			if testing.Short() {
				t.Skip("two compilations of XLA")
			}
			return backendstest.Backend(t)
		},
	}
	simcse := map[string]string{"go": "0.1", "as on CUDA": "0.1", "xla": "0"} // a second pass, which is slow to compile
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			f, device := newFixture(t, "model.num_hidden_layers=2", "model.hidden_dropout_prob=0.2",
				"pretrain.weight_simcse="+simcse[name]), backend(t)
			off, nodes := f.gradients(t, device, false)
			on, more := f.gradients(t, device, true)
			if more <= nodes {
				t.Fatalf("%d nodes, %d with checkpointing: no layer is computed again", nodes, more)
			}
			if len(off) != len(on) || len(off) < 40 {
				t.Fatalf("%d gradients, %d with checkpointing", len(off), len(on))
			}
			for i := range off {
				limit := 1e-5 * max(maxAbs(off[i]), 1e-3)
				for j := range off[i] {
					if d := math.Abs(float64(on[i][j] - off[i][j])); !(d <= limit) {
						t.Fatalf("weight %d[%d]: %g with checkpointing, %g without", i, j, on[i][j], off[i][j])
					}
				}
			}
		})
	}
}

// gradients returns the loss of the batch and its gradient by every weight, and the number of nodes of their graph.
func (f *fixture) gradients(t *testing.T, backend compute.Backend, checkpointed bool) (list [][]float32, nodes int) {
	t.Helper()
	c := f.recipe.Model
	c.GradientCheckpointing = checkpointed
	out, g := f.call(t, backend, []any{randomState(1, 0), WeightsOf(f.objective)}, func(store *model.Store, in []*Node) []*Node {
		m := multimodal.Model{Net: bert.New(store, in[0].Graph(), c, in[len(f.arrays)])}
		total := Losses(f.objective, m, in, in[len(f.arrays)+1])[0]
		var weights []*Node
		f.weights = nil
		for _, name := range slices.Sorted(slices.Values(multimodal.Names(c))) {
			if w := store.GetVariable("/" + name); w.InUseByGraph(total.Graph()) {
				weights, f.weights = append(weights, w.NodeValue(total)), append(f.weights, w)
			}
		}
		return append([]*Node{total}, Gradient(total, weights...)...)
	})
	for _, x := range out {
		list = append(list, flat(t, x))
	}
	return list, len(g.Nodes())
}
