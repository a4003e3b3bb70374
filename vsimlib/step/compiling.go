// SPDX-License-Identifier: Apache-2.0

package step

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/own"
)

// compiling is what Compile needs to build graphs at the same time: the first ones make moments and sums in the store, in an order
// that matters, and the others wait for that.
type compiling struct {
	first atomic.Bool   // Compile was called
	built chan struct{} // closed when the first graphs of all programs are built
	close sync.Once
	on    Devices

	mu     sync.Mutex
	graphs []*Graph // of the programs that are compiled, oldest first
}

// compiled notes the graph of a program.
func (c *compiling) compiled(g *Graph) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.graphs, g) {
		c.graphs = append(c.graphs, g)
	}
}

// run runs a program on uploaded arrays.
func (c *compiling) run(exec *model.Exec, arrays ...[]array) ([]*tensors.Tensor, error) {
	out, g, err := exec.CallWithGraph(values(slices.Concat(arrays...))...)
	if err != nil {
		return nil, own.Plain(err)
	}
	c.compiled(g)
	return out, nil
}

// last is the program whose graph is the last to make variables.
func (c *compiling) last(program func(*model.Store, []*Node) []*Node) func(*model.Store, []*Node) []*Node {
	return func(store *model.Store, in []*Node) []*Node {
		out := program(store, in)
		c.opened()
		return out
	}
}

func (c *compiling) opened() { c.close.Do(func() { close(c.built) }) }

// compileFor compiles a program for arrays of these shapes.
func (c *compiling) compileFor(exec *model.Exec, arrays []array) error {
	g, err := exec.Compile(c.on.shapes(arrays)...)
	if err == nil {
		c.compiled(g)
	}
	return err
}

// Planned is the compiler's plan of the memory of the step's largest program so far; ok is false where the backend makes no plans,
// or none was compiled yet.
func (c *compiling) Planned() (plan backends.Plan, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.graphs {
		if p, planned := backends.PlanOf(g.Executable()); planned {
			plan, ok = plan.Larger(p), true
		}
	}
	return plan, ok
}

// shapes are those of the arrays on each device.
func (d Devices) shapes(arrays []array) []shapes.Shape {
	var list []shapes.Shape
	for range d.count {
		for _, a := range arrays {
			shape := a.value.(*tensors.Tensor).Shape().Clone()
			if a.rows {
				shape.Dimensions[0] /= d.count
			}
			list = append(list, shape)
		}
	}
	return list
}

// CompilesAtOnce is how many programs may be compiled at the same time. On a GPU it is one, because XLA times kernels there while
// it compiles. On a CPU it is one for every two cores: on two cores, an epoch of the demo recipe took 10 to 11 s where its three
// programs were compiled together, and 8 to 10 s where one was compiled after the other, with a tenth less processor time.
func (c *compiling) CompilesAtOnce() int {
	if backends.Kind(c.on.backend) == backends.CUDA {
		return 1
	}
	return min(4, max(1, runtime.NumCPU()/2))
}
