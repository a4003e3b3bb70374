// SPDX-License-Identifier: Apache-2.0

package step

import (
	"sync/atomic"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/multimodal"
)

// builds counts the graphs that are built with an objective.
type builds struct {
	Pretraining
	graphs *atomic.Int32
}

func (b builds) Parts(m multimodal.Model, in []*Node) []*Node {
	b.graphs.Add(1)
	return b.Pretraining.Parts(m, in)
}

// TestCompile: after Compile a step compiles nothing, in one program, accumulated, and over two devices; a batch of the same shape
// needs no other program, and moments are made in the order in which a step makes them.
func TestCompile(t *testing.T) {
	check := func(name string, backend compute.Backend, devices int, set ...string) {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, set...)
			on, err := NewDevices(backend, devices)
			if err != nil {
				t.Fatal(err)
			}
			c := PretrainConfig(f.recipe, on, f.store)
			b := builds{c.Objective.(Pretraining), new(atomic.Int32)}
			c.Objective = b
			s, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			made, err := NewPretrainBatch(f.recipe.Pretrain, f.parts)
			if err != nil {
				t.Fatal(err)
			}
			made = made.At(0, c.Optim.Rates(0, 1))
			for range 2 {
				if err := s.Compile(made); err != nil {
					t.Fatal(err)
				}
			}
			names := variables(f)
			if err := s.Upload(made); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Advance(made); err != nil {
				t.Fatal(err)
			}
			if n := b.graphs.Load(); n != 1 {
				t.Errorf("%d graphs were built, want 1", n)
			}
			if after := variables(f); after != names {
				t.Errorf("the step made more variables than Compile: %s, before %s", after, names)
			}
		})
	}
	check("whole", backendstest.Go(t), 1)
	check("accumulated", backendstest.Go(t), 1, "pretrain.accumulate=2")
	if testing.Short() {
		return
	}
	if backend := backendstest.Backend(t); backend.NumDevices() >= 2 {
		check("devices", backend, 2, "model.keep_padding=true")
	}
}

// variables are the names of all variables, in the store's order.
func variables(f *fixture) (names string) {
	for v := range f.store.IterVariables() {
		names += v.Path() + " "
	}
	return names
}

// TestShape: the number of packed rows and lists of masked positions are in the shape of a batch.
func TestShape(t *testing.T) {
	f := newFixture(t)
	shape := func() string {
		b, err := NewPretrainBatch(f.recipe.Pretrain, f.parts)
		if err != nil {
			t.Fatal(err)
		}
		return b.Shape()
	}
	was := shape()
	if shape() != was {
		t.Error("a batch has two shapes")
	}
	p := f.parts[0]
	p.Source = p.Segment
	if shape() != was {
		t.Error("values are part of a shape")
	}
	p.Source = p.TextIDs
	if shape() == was {
		t.Error("the packed rows are no part of a shape")
	}
}
