// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/losses"
	"vsim/vsimlib/multimodal"
)

// TestGradientCheckpointing: the gradients of every weight are those without it, dropout included.
func TestGradientCheckpointing(t *testing.T) {
	backends := map[string]func(*testing.T) compute.Backend{
		"go": func(t *testing.T) compute.Backend { return goOptions(t).Backend },
		"xla": func(t *testing.T) compute.Backend {
			if testing.Short() {
				t.Skip("two compilations of XLA")
			}
			return backendstest.Backend(t)
		},
	}
	simcse := map[string]string{"go": "0.1", "xla": "0"} // a second pass, which is dear to compile
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			v := openForTest(t, backend(t), "model.num_hidden_layers=2", "model.hidden_dropout_prob=0.2", "pretrain.weight_simcse="+simcse[name])
			off, nodes := v.gradients(t, false)
			on, more := v.gradients(t, true)
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

// openForTest opens a small pretraining without starting it.
func openForTest(t *testing.T, backend compute.Backend, set ...string) *pretrainVideos {
	t.Helper()
	o := goOptions(t, set...)
	o.Backend = backend
	s, err := open(t.Context(), "pretrain", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.unlock)
	v, err := s.openVideos()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// gradients returns the loss of the first batch and its gradient by every weight, and the number of nodes of their graph.
func (v *pretrainVideos) gradients(t *testing.T, checkpointed bool) (values [][]float32, nodes int) {
	t.Helper()
	p, err := v.plan()
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.example(0)
	if err != nil {
		t.Fatal(err)
	}
	c := v.Recipe.Model
	c.GradientCheckpointing = checkpointed
	exec, err := model.NewExec(v.Backend, v.store, func(s *model.Scope, in []*Node) []*Node {
		m := multimodal.Model{Net: bert.New(s.Store(), in[0].Graph(), c, in[numPretrain(c)])}
		total := pretrainLosses(m, pretrainNodes(c, in), losses.TasksOf(v.Recipe.Pretrain))[0]
		var weights []*Node
		for _, name := range slices.Sorted(slices.Values(multimodal.Names(c))) {
			if w := s.Store().GetVariable("/" + name); w.InUseByGraph(total.Graph()) {
				weights = append(weights, w.NodeValue(total))
			}
		}
		return append([]*Node{total}, Gradient(total, weights...)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, g, err := exec.CallWithGraph(append(e.tensors, randomState(1, 0))...)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range out {
		values = append(values, flat(t, x))
	}
	return values, len(g.Nodes())
}
