// SPDX-License-Identifier: Apache-2.0

package optim

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
)

// TestAccumulate makes the steps of TestE8AdamW from three unequal parts of the loss: the weights are the same. A step with a part
// that is not finite changes nothing and leaves nothing behind.
func TestAccumulate(t *testing.T) {
	c := Config{LREncoder: 0.1, LRHeads: 0.2, WeightDecay: 0.01, Eps: 1e-6, TotalSteps: 50, Warmup: 2}
	names := []string{"tag_fc.bias", "bert.w.weight", "embedding_fc.weight"}
	whole, parts := store(t), store(t)
	exec := stepper(t, whole, c)
	add, err := model.NewExec(backendstest.Backend(t), parts, func(scope *model.Scope, part *Node) *Node {
		w, b := parts.GetVariable("/bert.w.weight").NodeValue(part), parts.GetVariable("/tag_fc.bias").NodeValue(part)
		loss := Mul(Add(MulScalar(ReduceAllSum(Square(w)), 0.5), MulScalar(ReduceAllSum(b), 3)), part)
		c.Accumulate(parts, names, loss)
		return loss
	})
	if err != nil {
		t.Fatal(err)
	}
	update, err := model.NewExec(backendstest.Backend(t), parts, func(scope *model.Scope, loss, rates *Node) *Node {
		return c.UpdateAccumulated(parts, names, loss, rates)
	})
	if err != nil {
		t.Fatal(err)
	}
	accumulated := func(step int, shares ...float32) bool {
		for _, share := range shares {
			if _, err := add.Call(share); err != nil {
				t.Fatal(err)
			}
		}
		out, err := update.Call(float32(1), c.Rates(step, step+1))
		if err != nil {
			t.Fatal(err)
		}
		squares := float64(out[0].Value().(float32))
		return !math.IsNaN(squares) && !math.IsInf(squares, 0)
	}
	for step := range 4 {
		if !run(t, exec, c.Rates(step, step+1), 1) || !accumulated(step, 0.5, 0.125, 0.375) {
			t.Fatalf("step %d is not finite", step)
		}
		for _, name := range names {
			want := weights(t, whole, name)
			for i, got := range weights(t, parts, name) {
				if math.Abs(float64(got-want[i])) > 1e-6 {
					t.Errorf("step %d: %s[%d] = %g, want %g", step, name, i, got, want[i])
				}
			}
		}
		before := weights(t, parts, "bert.w.weight")
		if accumulated(step, 0.5, float32(math.NaN()), 0.5) || accumulated(step, float32(math.Inf(1)), 1) {
			t.Errorf("step %d: the sums of a part that is not finite are", step)
		}
		for i, got := range weights(t, parts, "bert.w.weight") {
			if got != before[i] {
				t.Errorf("step %d: a weight changed from %g to %g", step, before[i], got)
			}
		}
	}
}
