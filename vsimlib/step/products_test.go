// SPDX-License-Identifier: Apache-2.0

package step

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/batch"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/product"
)

// TestProductsOfBFloat16 reads the graph of a step under bfloat16, gradients included: no product has an operand in float32.
func TestProductsOfBFloat16(t *testing.T) {
	for name, set := range map[string][]string{
		"padded":        {"model.keep_padding=true"},
		"packed":        {"model.keep_padding=false", "model.pooling=masked_mean"},
		"tag embedding": {"model.pooling=masked_attention", "model.tag_input=embedding"},
		"checkpointing": {"model.gradient_checkpointing=true"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, backend := range []compute.Backend{backendstest.Go(t), backendstest.AsCUDA(backendstest.Go(t))} {
				f := newFixture(t, append(set, "model.compute_dtype=bfloat16")...)
				if wide := f.wideProducts(t, backend, f.objective); len(wide) > 0 {
					t.Errorf("as on %s, in float32: %q", backends.Kind(backend), wide)
				}
			}
		})
	}
}

// TestProductsOfBFloat16Found plants a product of GoMLX in the loss: those of its gradient are in float32, and found.
func TestProductsOfBFloat16Found(t *testing.T) {
	f, backend := newFixture(t, "model.compute_dtype=bfloat16"), backendstest.Go(t)
	own := planted{f.objective, func(x, w *Node) *Node { return product.Of(x, 1, nil, w, 1, nil) }}
	if wide := f.wideProducts(t, backend, own); len(wide) > 0 {
		t.Errorf("in float32: %q", wide)
	}
	gomlx := planted{f.objective, func(x, w *Node) *Node { return DotGeneral(x, []int{1}, nil, w, []int{1}, nil) }}
	if wide := f.wideProducts(t, backend, gomlx); len(wide) != 2 {
		t.Errorf("found %q, want the two products of a gradient", wide)
	}
}

// planted is pretraining with one product more in its loss, of the word embeddings with themselves.
type planted struct {
	Pretraining
	multiply func(x, w *Node) *Node
}

func (p planted) Parts(m multimodal.Model, in []*Node) []*Node {
	list := p.Pretraining.Parts(m, in)
	w := m.Compute(m.Weight("bert.embeddings.word_embeddings.weight"))
	list[0] = Add(list[0], ReduceAllSum(ConvertDType(p.multiply(w, w), dtypes.Float32)))
	return list
}

// wideProducts are the products with a float32 operand in a step of an objective.
func (f *fixture) wideProducts(t *testing.T, backend compute.Backend, o Objective) (wide []string) {
	t.Helper()
	config := PretrainConfig(f.recipe, Devices{}, f.store)
	p := programs{model: config.Model, objective: o, optim: config.Optim}
	x := params[any]{rates: config.Optim.Rates(0, 1), random: randomState(1, 0), weighted: true, weights: WeightsOf(o)}
	_, g := f.call(t, backend, batch.Values(x.whole()), func(store *model.Store, in []*Node) []*Node {
		return p.whole(store, in)
	})
	products := 0
	for _, node := range g.Nodes() {
		if node.Type() != NodeTypeDotGeneral {
			continue
		}
		products++
		in := node.Inputs()
		if in[0].DType() == dtypes.Float32 || in[1].DType() == dtypes.Float32 {
			wide = append(wide, fmt.Sprintf("%s by %s", in[0].Shape(), in[1].Shape()))
		}
	}
	if products < 30 {
		t.Errorf("the step has %d products", products)
	}
	return wide
}
