// SPDX-License-Identifier: Apache-2.0

package backends_test

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/compilecache"
)

// TestPlanOf holds go-xla to the fields that PlanOf reads, also where package compilecache wraps a program, and whether it was
// compiled or loaded from a file. A product of two 64×64 matrices of float32 takes two arguments and a result of 16 KiB.
func TestPlanOf(t *testing.T) {
	plan := func(backend compute.Backend) (backends.Plan, bool) {
		exec, err := NewExec(backend, func(x, y *Node) *Node { return Dot(x, y).Product() })
		if err != nil {
			t.Fatal(err)
		}
		defer exec.Finalize()
		x := tensors.FromFlatDataAndDimensions(make([]float32, 64*64), 64, 64)
		_, g, err := exec.CallWithGraph(x, x)
		if err != nil {
			t.Fatal(err)
		}
		return backends.PlanOf(g.Executable())
	}
	if p, ok := plan(backendstest.Go(t)); ok {
		t.Errorf("the Go backend has a plan: %+v", p)
	}
	backend := backendstest.XLA(t)
	for _, b := range []compute.Backend{backend, compilecache.New(backend)} {
		if p, ok := plan(b); !ok || p.Arguments != 2*64*64*4 || p.Results != 64*64*4 || p.Total() < 3*64*64*4 {
			t.Errorf("%+v, %v", p, ok)
		}
	}
}
