// SPDX-License-Identifier: Apache-2.0

package compilecache

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends/backendstest"
)

// TestCache compiles the same graph once, another one again, and computes the same with either; a program outlives who compiled it.
func TestCache(t *testing.T) {
	plain := backendstest.Backend(t)
	backend := New(plain)
	r := backend.(*caching)
	double := func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 2) }
	for i, c := range []struct {
		name     string
		do       func(x *graph.Node) *graph.Node
		in       []float32
		want     float32
		programs int
	}{
		{"first", double, []float32{3, 1}, 6, 1},
		{"the same", func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 2) }, []float32{5, 1}, 10, 1},
		{"another constant", func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 4) }, []float32{3, 1}, 12, 2},
		{"another shape", double, []float32{3, 1, 1}, 6, 3},
		{"the first again", double, []float32{7, 1}, 14, 3},
	} {
		exec, err := graph.NewExec(backend, c.do)
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Call(c.in)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := out[0].Value().([]float32)[0]; got != c.want {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
		exec.Finalize()
		if want := c.programs; plain.Name() == "xla" && len(r.programs) != want {
			t.Errorf("%d %s: %d programs, want %d", i, c.name, len(r.programs), want)
		}
	}
}

// TestCacheForgets: of the unreferenced programs those used last stay; one in use is never freed.
func TestCacheForgets(t *testing.T) {
	plain := backendstest.Backend(t)
	backend := New(plain)
	r := backend.(*caching)
	r.idle = 2
	keeps := plain.Name() == "xla" // the Go backend's programs have no text
	exec := func() *graph.Exec {
		e, err := graph.NewExec(backend, func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 3) })
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	call := func(e *graph.Exec, size int) {
		t.Helper()
		out, err := e.Call(make([]float32, size))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(out[0].Value().([]float32)); got != size {
			t.Errorf("%d values, want %d", got, size)
		}
	}
	used := exec()
	call(used, 1)
	for i, want := range []int{2, 3, 3, 3} {
		e := exec()
		call(e, 2+i)
		e.Finalize()
		e.Finalize() // twice is once
		if keeps && len(r.programs) != want {
			t.Errorf("after %d idle ones there are %d programs, want %d", i+1, len(r.programs), want)
		}
	}
	call(used, 1)
	used.Finalize()
	if keeps && len(r.programs) != 2 {
		t.Errorf("at the end there are %d programs, want 2", len(r.programs))
	}
}

// TestCacheBuffers moves a tensor to the device and what was computed of it back into a second program.
func TestCacheBuffers(t *testing.T) {
	plain := backendstest.Backend(t)
	backend := New(plain)
	exec, err := graph.NewExec(backend, func(x *graph.Node) *graph.Node { return graph.AddScalar(x, 1) })
	if err != nil {
		t.Fatal(err)
	}
	in := tensors.FromValue([]float32{1, 2})
	if err := in.ToDevice(backend, 0); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Call(in)
	if err != nil {
		t.Fatal(err)
	}
	if out, err = exec.Call(out[0]); err != nil {
		t.Fatal(err)
	}
	if got := out[0].Value().([]float32); got[0] != 3 || got[1] != 4 {
		t.Errorf("%v, want [3 4]", got)
	}
}

// TestKey: on XLA a program's key differs with the program and not with its name.
func TestKey(t *testing.T) {
	backend := backendstest.Backend(t)
	if backend.Name() != "xla" {
		t.Skip("no XLA, so no text")
	}
	text := func(name string, factor float32) string {
		t.Helper()
		b := New(backend).Builder(name).(*cachingBuilder)
		x, err := b.Main().Constant([]float32{factor}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Main().Return([]compute.Value{x}, nil); err != nil {
			t.Fatal(err)
		}
		key, ok := b.key()
		if !ok {
			t.Fatal("a program without a key")
		}
		return string(key[:])
	}
	if text("a", 1) != text("b", 1) {
		t.Error("a program's name is in its key")
	}
	if text("a", 1) == text("a", 2) {
		t.Error("two programs have the same key")
	}
	b := New(backend).Builder("placed").(*cachingBuilder)
	if err := b.DeviceAssignment(0); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.key(); ok {
		t.Error("a program for a certain device has a key")
	}
}
