// SPDX-License-Identifier: Apache-2.0

package optim

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
)

// TestE8AdamW follows torch.optim.AdamW of torch 2.9.1 in float64 (two groups, LambdaLR) over four steps of the loss |w|²/2 + 3b.
func TestE8AdamW(t *testing.T) {
	c := Config{LREncoder: 0.1, LRHeads: 0.2, WeightDecay: 0.01, Eps: 1e-6, TotalSteps: 5, Warmup: 2}
	store := store(t)
	exec := stepper(t, store, c)
	want := [][]float64{
		{1, -2, 3, 0.5},
		{0.9495000499999504, -1.949000024999988, 2.9485000166666615, 0.4000000333333229},
		{0.8487614247668999, -1.8471493031278632, 2.84561587279441, 0.20000009999996737},
		{0.7738108819416564, -1.7710626805488618, 2.768672636472868, 0.050000149999951476},
	}
	for step, values := range want {
		if ok := run(t, exec, c.Rates(step, step+1), 1); !ok {
			t.Fatalf("step %d not finite", step)
		}
		got := append(weights(t, store, "bert.w.weight"), weights(t, store, "tag_fc.bias")...)
		for i := range values {
			if math.Abs(float64(got[i])-values[i]) > 1e-6 {
				t.Errorf("step %d: weight %d = %.8f, want %.8f", step, i, got[i], values[i])
			}
		}
		if u := weights(t, store, "embedding_fc.weight"); u[0] != 7 {
			t.Errorf("step %d: a weight that no loss reaches became %g", step, u[0])
		}
	}
}

// TestNotFiniteChangesNothing multiplies the loss by NaN and by infinity.
func TestNotFiniteChangesNothing(t *testing.T) {
	c := Config{LREncoder: 0.1, LRHeads: 0.2, WeightDecay: 0.01, Eps: 1e-6, TotalSteps: 50, Warmup: 1}
	store := store(t)
	exec := stepper(t, store, c)
	run(t, exec, c.Rates(1, 1), 1)
	snapshot := func() []float32 {
		all := append(weights(t, store, "bert.w.weight"), weights(t, store, "tag_fc.bias")...)
		for _, scope := range []string{FirstMoments, SecondMoments} {
			all = append(all, weights(t, store, scope[1:]+"/bert.w.weight")...)
		}
		return all
	}
	before := snapshot()
	for _, factor := range []float64{math.NaN(), math.Inf(1)} {
		if run(t, exec, c.Rates(2, 2), factor) {
			t.Errorf("factor %g: the step says that all is finite", factor)
		}
		for i, v := range snapshot() {
			if v != before[i] {
				t.Fatalf("factor %g: value %d changed from %g to %g", factor, i, before[i], v)
			}
		}
	}
	if !run(t, exec, c.Rates(2, 2), 1) || snapshot()[0] == before[0] {
		t.Error("a good step after bad ones must train")
	}
}

func TestFactor(t *testing.T) {
	c := Config{TotalSteps: 10, Warmup: 4}
	for step, want := range map[int]float64{0: 0, 1: 0.25, 3: 0.75, 4: 1, 7: 0.5, 10: 0} {
		if got := c.Factor(step); math.Abs(got-want) > 1e-12 {
			t.Errorf("factor(%d) = %g, want %g", step, got, want)
		}
	}
}

func TestGroups(t *testing.T) {
	for name, want := range map[string][2]bool{ // encoder, decayed
		"bert.encoder.layer.0.attention.self.query.weight": {true, true},
		"bert.encoder.layer.0.output.LayerNorm.weight":     {true, false},
		"cls.predictions.decoder.bias":                     {true, false},
		"video_fc.weight":                                  {true, true},
		"mfm.transform.dense.weight":                       {true, true},
		"tag_fc.weight":                                    {false, true},
		"embedding_fc.bias":                                {false, false},
		"attention_pool.score.weight":                      {false, true},
	} {
		if Encoder(name) != want[0] || Decayed(name) != want[1] {
			t.Errorf("%s: encoder %v, decayed %v, want %v", name, Encoder(name), Decayed(name), want)
		}
	}
}

func store(t *testing.T) *model.Store {
	t.Helper()
	s := model.NewStore()
	for name, v := range map[string][]float32{"bert.w.weight": {1, -2, 3}, "tag_fc.bias": {0.5}, "embedding_fc.weight": {7}} {
		if _, err := s.CreateVariable("/"+name, tensors.FromFlatDataAndDimensions(v, len(v))); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// stepper returns one training step; its second input multiplies the loss.
func stepper(t *testing.T, s *model.Store, c Config) *model.Exec {
	t.Helper()
	exec, err := model.NewExec(backendstest.Backend(t), s, func(scope *model.Scope, in []*Node) []*Node {
		g := in[0].Graph()
		w := scope.Store().GetVariable("/bert.w.weight").NodeValue(g)
		b := scope.Store().GetVariable("/tag_fc.bias").NodeValue(g)
		loss := Add(MulScalar(ReduceAllSum(Square(w)), 0.5), MulScalar(ReduceAllSum(b), 3))
		return []*Node{c.Update(scope.Store(), []string{"bert.w.weight", "tag_fc.bias", "embedding_fc.weight"}, Mul(loss, in[1]), in[0])}
	})
	if err != nil {
		t.Fatal(err)
	}
	return exec
}

// run makes a step and reports whether its gradients are finite.
func run(t *testing.T, exec *model.Exec, rates *tensors.Tensor, factor float64) bool {
	t.Helper()
	norm := runNorm(t, exec, rates, factor)
	return !math.IsNaN(norm) && !math.IsInf(norm, 0)
}

// runNorm makes a step and returns the norm of its gradients.
func runNorm(t *testing.T, exec *model.Exec, rates *tensors.Tensor, factor float64) float64 {
	t.Helper()
	out, err := exec.Call(rates, float32(factor))
	if err != nil {
		t.Fatal(err)
	}
	return math.Sqrt(float64(tensors.ToScalar[float32](out[0])))
}

// TestGradientNorm: it is over all weights that are used, before the learning rates. By hand: the gradients of the loss are
// w, that is 1, -2 and 3, and 3 for the bias; times 2 their norm is 2·√(1+4+9+9).
func TestGradientNorm(t *testing.T) {
	c := Config{LREncoder: 0.1, LRHeads: 0.2, WeightDecay: 0.01, Eps: 1e-6, TotalSteps: 50, Warmup: 2}
	if got := runNorm(t, stepper(t, store(t), c), c.Rates(0, 1), 2); math.Abs(got-2*math.Sqrt(23)) > 1e-6 {
		t.Errorf("norm %g, want %g", got, 2*math.Sqrt(23))
	}
}

func weights(t *testing.T, s *model.Store, name string) []float32 {
	t.Helper()
	value, err := s.GetVariable("/" + name).Value()
	if err != nil {
		t.Fatal(err)
	}
	flat, err := tensors.CopyFlatData[float32](value)
	if err != nil {
		t.Fatal(err)
	}
	return flat
}
