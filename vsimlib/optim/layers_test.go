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

// layerwise is testdata/layers.json.
type layerwise struct {
	Layers      int                    `json:"layers"`
	LREncoder   float64                `json:"lr_encoder"`
	LRHeads     float64                `json:"lr_heads"`
	LayerDecay  float64                `json:"layer_decay"`
	WeightDecay float64                `json:"weight_decay"`
	TotalSteps  int                    `json:"total_steps"`
	Warmup      int                    `json:"warmup"`
	Initial     map[string][]float32   `json:"initial"`
	Steps       []map[string][]float64 `json:"steps"`
}

// readLayerwise reads the stored case.
func readLayerwise(t *testing.T) (layerwise, Config) {
	t.Helper()
	var c layerwise
	if err := jsonfile.Read(filepath.Join("testdata", "layers.json"), &c); err != nil {
		t.Fatal(err)
	}
	return c, Config{LREncoder: c.LREncoder, LRHeads: c.LRHeads, WeightDecay: c.WeightDecay, Eps: 1e-6, TotalSteps: c.TotalSteps,
		Warmup: c.Warmup, LayerDecay: c.LayerDecay, Layers: c.Layers}
}

// store returns the weights of the stored case, their names and its loss: the sum of the squares, and 3 of each bias.
func (c layerwise) store(t *testing.T) (s *model.Store, names []string, loss func(g *Graph) *Node) {
	t.Helper()
	s = model.NewStore()
	for name, v := range c.Initial {
		names = append(names, name)
		if _, err := s.CreateVariable("/"+name, tensors.FromFlatDataAndDimensions(v, len(v))); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	return s, names, func(g *Graph) *Node {
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
}

// TestGoldenLayerDecay follows torch.optim.AdamW with BEiT's scales of the learning rate over four steps.
func TestGoldenLayerDecay(t *testing.T) {
	stored, c := readLayerwise(t)
	s, names, loss := stored.store(t)
	exec, err := model.NewExec(backendstest.Backend(t), s, func(scope *model.Scope, rates *Node) *Node {
		return c.Update(s, names, loss(rates.Graph()), rates)
	})
	if err != nil {
		t.Fatal(err)
	}
	for step, want := range stored.Steps {
		if _, err := exec.Call(c.Rates(step, step+1)); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			for i, got := range weights(t, s, name) {
				if math.Abs(float64(got)-want[name][i]) > 1e-6 {
					t.Errorf("step %d: %s[%d] = %.8f, want %.8f", step, name, i, got, want[name][i])
				}
			}
		}
	}
}

// TestDecayedRate: by hand, with two layers and a decay of 1/2: the embeddings have an eighth of the rate, the layers a quarter and
// a half, and the heads all of it.
func TestDecayedRate(t *testing.T) {
	for name, want := range map[string]float64{
		"bert.embeddings.LayerNorm.bias":           0.125,
		"video_fc.weight":                          0.125,
		"video_embeddings.position_embeddings":     0.125,
		"bert.encoder.layer.0.output.dense.weight": 0.25,
		"bert.encoder.layer.1.output.dense.weight": 0.5,
		"cls.predictions.decoder.weight":           1,
		"mfm.transform.dense.bias":                 1,
		"tag_fc.weight":                            1,
		"attention_pool.dense.weight":              1,
	} {
		if got := DecayedRate(0.5, 2, Depth(name, 2)); got != want {
			t.Errorf("%s: %g of the rate, want %g", name, got, want)
		}
	}
}

// TestRatesOff: without a LayerDecay the programs take five numbers, as ever.
func TestRatesOff(t *testing.T) {
	c := Config{LREncoder: 0.1, LRHeads: 0.2, TotalSteps: 5, Layers: 3}
	if got := c.Rates(1, 2).Shape().Size(); got != 5 {
		t.Errorf("%d numbers, want 5", got)
	}
	c.LayerDecay = 0.5
	if got := c.Rates(1, 2).Shape().Size(); got != 5+2*4 {
		t.Errorf("%d numbers, want 13", got)
	}
}
