// SPDX-License-Identifier: Apache-2.0

package step

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/bert"
	"vsim/vsimlib/multimodal"
)

// TestSimCSEDrawsTwice: with dropout the two passes differ in every video, and so do those of another step; without it they are
// equal.
func TestSimCSEDrawsTwice(t *testing.T) {
	t.Run("CPU", func(t *testing.T) { testSimCSEDrawsTwice(t, backendstest.Go(t)) })
	t.Run("GPU", func(t *testing.T) { testSimCSEDrawsTwice(t, backendstest.AsCUDA(backendstest.Go(t))) })
}

func testSimCSEDrawsTwice(t *testing.T, backend compute.Backend) {
	f := newFixture(t)
	c, seed := f.recipe.Model, f.recipe.Pretrain.Seed
	states := []any{randomState(seed, 0), randomState(seed, 1)}
	out, _ := f.call(t, backend, states, func(store *model.Store, in []*Node) []*Node {
		pass := func(rng *Node) (first, second *Node) {
			m := multimodal.Model{Net: bert.New(store, in[0].Graph(), c, rng)}
			x := multimodal.NewInputs(c, in)
			return m.Embedding(m.Encode(x)), m.Embedding(m.Encode(x))
		}
		a, b := pass(in[len(f.arrays)])
		other, _ := pass(in[len(f.arrays)+1])
		plain, same := pass(nil)
		closest := func(x, y *Node) *Node { return ReduceAllMax(ReduceSum(Mul(x, y), -1)) }
		return []*Node{closest(a, b), closest(a, other), Neg(closest(Neg(plain), same))}
	})
	passes, steps, plain := flat(t, out[0])[0], flat(t, out[1])[0], flat(t, out[2])[0]
	if passes > 0.9999 || steps > 0.9999 || plain < 0.9999 {
		t.Errorf("cosines of at most %g between the passes and %g between steps, of at least %g without dropout", passes, steps, plain)
	}
}
