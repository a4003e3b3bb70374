// SPDX-License-Identifier: Apache-2.0

package step

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/lowering"
)

// TestLossWeightsAreInputs: recipes that differ in the weights of losses alone have the same programs; where a weight is 0, and so
// its task is off, the program is another one, with fewer operations.
func TestLossWeightsAreInputs(t *testing.T) {
	lowered := func(set ...string) string {
		t.Helper()
		f := newFixture(t, set...)
		backend, err := lowering.New(backends.CPU)
		if errors.Is(err, lowering.ErrNoXLA) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		c := PretrainConfig(f.recipe, Devices{backend: backend, count: 1}, f.store)
		s, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		p := s.config.params(0, 0)
		p.rates = c.Optim.Rates(0, 1)
		in := append(slices.Clone(f.arrays), values(arraysOf(p.whole()))...)
		if _, err := s.main.Call(in...); !errors.Is(err, lowering.ErrLowered) {
			t.Fatal(err)
		}
		if want, err := tensors.CopyFlatData[float32](p.weights); err != nil || !slices.Equal(want, c.Objective.Weights()) {
			t.Errorf("weights %v, want %v (%v)", want, c.Objective.Weights(), err)
		}
		return string(slices.Concat(backend.Programs()...))
	}
	was := lowered()
	for _, set := range []string{"pretrain.weight_tag=3", "pretrain.weight_mlm=0.5", "pretrain.weight_mfm=7"} {
		if lowered(set) != was {
			t.Errorf("%s: another program", set)
		}
	}
	for _, set := range []string{"pretrain.weight_tag=0", "pretrain.weight_mlm=0", "pretrain.weight_mfm=0"} {
		if now := lowered(set); strings.Count(now, "\n") >= strings.Count(was, "\n") {
			t.Errorf("%s: a program of %d lines, with the task on %d", set, strings.Count(now, "\n"), strings.Count(was, "\n"))
		}
	}
}
