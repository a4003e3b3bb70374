// SPDX-License-Identifier: Apache-2.0

package optim

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/jsonfile"
)

// stored is testdata/adamw.json (make_adamw.py): values by step and weight.
type stored struct {
	Layers      int                    `json:"layers"`
	LREncoder   float64                `json:"lr_encoder"`
	LRHeads     float64                `json:"lr_heads"`
	LayerDecay  float64                `json:"layer_decay"`
	WeightDecay float64                `json:"weight_decay"`
	TotalSteps  int                    `json:"total_steps"`
	Warmup      int                    `json:"warmup"`
	EMA         float64                `json:"ema"`
	Initial     map[string][]float32   `json:"initial"`
	Steps       []map[string][]float64 `json:"steps"`
	Averages    []map[string][]float64 `json:"averages"`
}

// readStored reads the case and makes a store of its weights.
func readStored(t *testing.T) (c stored, s *model.Store, names []string) {
	t.Helper()
	if err := jsonfile.Read(filepath.Join("testdata", "adamw.json"), &c); err != nil {
		t.Fatal(err)
	}
	s = model.NewStore()
	for name, v := range c.Initial {
		names = append(names, name)
		if _, err := s.CreateVariable("/"+name, tensors.FromFlatDataAndDimensions(v, len(v))); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	return c, s, names
}

func (c stored) config() Config {
	return Config{LREncoder: c.LREncoder, LRHeads: c.LRHeads, WeightDecay: c.WeightDecay, Eps: 1e-6, TotalSteps: c.TotalSteps,
		Warmup: c.Warmup, LayerDecay: c.LayerDecay, Layers: c.Layers, Average: c.EMA}
}

// storedLoss is the loss of the case: the squares of all weights, and three times each bias.
func storedLoss(g *Graph, s *model.Store, names []string) *Node {
	var parts []*Node
	for _, name := range names {
		w := s.GetVariable("/" + name).NodeValue(g)
		if strings.HasSuffix(name, "bias") {
			parts = append(parts, MulScalar(ReduceAllSum(w), 3))
		} else {
			parts = append(parts, ReduceAllSum(Square(w)))
		}
	}
	return ReduceAllSum(Stack(parts, 0))
}

// storedStep returns a step on the case: whole, or in two equal micro-batches. Its argument multiplies the loss.
func storedStep(t *testing.T, c Config, s *model.Store, names []string, accumulate bool) func(step int, factor float32) {
	t.Helper()
	exec := func(program func(factor, rates *Node) *Node) *model.Exec {
		e, err := model.NewExec(backendstest.Backend(t), s, func(_ *model.Scope, factor, rates *Node) *Node {
			return program(factor, rates)
		})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	loss := func(factor *Node) *Node { return Mul(storedLoss(factor.Graph(), s, names), factor) }
	call := func(e *model.Exec, step int, factor float32) {
		if _, err := e.Call(factor, c.Rates(step, step+1)); err != nil {
			t.Fatal(err)
		}
	}
	if !accumulate {
		whole := exec(func(factor, rates *Node) *Node { return c.Update(s, names, loss(factor), rates) })
		return func(step int, factor float32) { call(whole, step, factor) }
	}
	micro := exec(func(factor, rates *Node) *Node {
		c.Accumulate(s, names, loss(factor))
		return ReduceAllSum(rates)
	})
	update := exec(func(factor, rates *Node) *Node { return c.UpdateAccumulated(s, names, factor, rates) })
	return func(step int, factor float32) {
		call(micro, step, factor/2)
		call(micro, step, factor/2)
		call(update, step, 1)
	}
}

// nearStored compares the values of variables in a scope with stored ones.
func nearStored(t *testing.T, s *model.Store, scope string, step int, want map[string][]float64) {
	t.Helper()
	for name, values := range want {
		for i, got := range weights(t, s, scope+name) {
			if math.Abs(float64(got)-values[i]) > 1e-6 {
				t.Errorf("step %d: %s%s[%d] = %.8f, want %.8f", step, scope, name, i, got, values[i])
			}
		}
	}
}
