// SPDX-License-Identifier: Apache-2.0

package step

import (
	"errors"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/optim"
)

// steps are those of the fixture's batch, uploaded; each has its own arrays and rates.
func (f *fixture) steps(t *testing.T, s *Step, count int, change func(n int, b Batch)) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		for n := range count {
			other := newFixture(t)
			b, err := NewPretrainBatch(other.recipe.Pretrain, other.parts)
			if err != nil {
				t.Fatal(err)
			}
			b = b.At(n, optim.Config{LREncoder: 1e-3, LRHeads: 1e-2, WeightDecay: 0.01, TotalSteps: 9}.Rates(n, n+1))
			if change != nil {
				change(n, b)
			}
			if !yield(b, s.Upload(b)) {
				return
			}
		}
	}
}

// values are all weights and moments.
func (f *fixture) values(t *testing.T) map[string][]float32 {
	all := map[string][]float32{}
	for v := range f.store.IterVariables() {
		flat, err := tensors.CopyFlatData[float32](v.MustValue())
		if err != nil {
			t.Fatal(err)
		}
		all[v.Path()] = flat
	}
	return all
}

// stepOn makes a step of the fixture on a backend.
func (f *fixture) stepOn(t *testing.T, backend compute.Backend) *Step {
	on, err := NewDevices(backend, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := PretrainConfig(f.recipe, on, f.store)
	c.Optim.Eps = 1e-8
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// ran is what a sequence of steps yields, and what it leaves.
type ran struct {
	outcomes []Outcome
	ahead    []bool
	after    map[string][]float32
}

func (f *fixture) run(t *testing.T, s *Step, count int, pause func(int) bool) (r ran) {
	for made, err := range Sequence(s, f.steps(t, s, count, nil), pause) {
		if err != nil {
			t.Fatal(err)
		}
		r.outcomes, r.ahead = append(r.outcomes, made.Outcome), append(r.ahead, made.Ahead)
		if err := made.Batch.Free(); err != nil {
			t.Fatal(err)
		}
	}
	r.after = f.values(t)
	return r
}

// TestSequence: steps that are sent ahead have the losses, gradients, weights and moments of those that are not, bit by bit; none
// is sent ahead over a pause.
func TestSequence(t *testing.T) {
	backend := backendstest.XLA(t)
	f := newFixture(t)
	want := f.run(t, f.stepOn(t, backend), 5, nil)
	if slices.Contains(want.ahead, true) {
		t.Errorf("steps were sent ahead: %v", want.ahead)
	}
	f = newFixture(t)
	got := f.run(t, f.stepOn(t, backendstest.Asynchronous(t)), 5, func(n int) bool { return n == 2 })
	if !slices.Equal(got.ahead, []bool{true, false, true, true, false}) {
		t.Errorf("ahead %v", got.ahead)
	}
	if !reflect.DeepEqual(got.outcomes, want.outcomes) {
		t.Errorf("%v\nwant %v", got.outcomes, want.outcomes)
	}
	if !reflect.DeepEqual(got.after, want.after) {
		t.Error("weights or moments differ")
	}
}

// spoil gives a masked token of a batch an infinite weight, so that the loss is not finite.
func spoil(t *testing.T, b Batch) {
	for _, a := range b.parts[0] {
		if a.name != "mlm_weights" {
			continue
		}
		weights := a.value.(*tensors.Tensor)
		if err := tensors.MutableFlatData(weights, func(flat []float32) { flat[0] = float32(math.Inf(1)) }); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("no such array")
}

// TestNotFiniteAhead: after a step that is not finite, the one that was sent already changes nothing either.
func TestNotFiniteAhead(t *testing.T) {
	f := newFixture(t)
	want := f.run(t, f.stepOn(t, backendstest.XLA(t)), 2, nil).after
	f = newFixture(t)
	s := f.stepOn(t, backendstest.Asynchronous(t))
	steps := f.steps(t, s, 5, func(n int, b Batch) {
		if n == 2 {
			spoil(t, b)
		}
	})
	n := 0
	for made, err := range Sequence(s, steps, func(int) bool { return false }) {
		if err != nil {
			t.Fatal(err)
		}
		if made.Outcome.Finite() != (n < 2) || !made.Ahead {
			t.Errorf("step %d: %+v", n, made)
		}
		if !made.Outcome.Finite() {
			err := s.Check(made.Outcome, made.Batch)
			if !errors.Is(err, ErrNotFinite) || errors.Is(err, ErrWeights) || !strings.Contains(err.Error(), "as before this step") {
				t.Errorf("%v", err)
			}
			break
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d steps, want 2", n)
	}
	if got := f.values(t); !reflect.DeepEqual(got, want) {
		t.Error("weights or moments are not those before the step")
	}
}

// TestSequenceErrors: the outcome of the step before comes first. Where the next one could not be sent, it may have taken the
// weights; where it has no batch, weights and moments are those after the step.
func TestSequenceErrors(t *testing.T) {
	backend := backendstest.Asynchronous(t)
	wrong := errors.New("no batch")
	for _, batch := range []bool{true, false} {
		f := newFixture(t)
		s := f.stepOn(t, backend)
		steps := f.steps(t, s, 4, func(n int, b Batch) {
			if n == 1 && !batch {
				b.parts[0] = b.parts[0][:3] // no program takes these
			}
		})
		batches := func(yield func(Batch, error) bool) {
			n := 0
			for b, err := range steps {
				if n++; n == 2 && batch {
					err = wrong
				}
				if !yield(b, err) {
					return
				}
			}
		}
		var got []bool
		var last Made[Batch]
		var failed error
		for made, err := range Sequence(s, batches, func(int) bool { return false }) {
			if last, failed = made, err; err == nil {
				got = append(got, made.Ahead)
			}
		}
		if !slices.Equal(got, []bool{!batch}) || failed == nil || errors.Is(failed, wrong) != batch || last.Sent == batch {
			t.Errorf("no batch %t: ahead %v, then %v (of the step: %t)", batch, got, failed, last.Sent)
		}
	}
}
