// SPDX-License-Identifier: Apache-2.0

package step

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/compilerplan"
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

// last is the program whose graph is the last to make variables.
func (c *compiling) last(program func(*model.Store, []*Node) []*Node) func(*model.Store, []*Node) []*Node {
	return func(store *model.Store, in []*Node) []*Node {
		out := program(store, in)
		c.opened()
		return out
	}
}

func (c *compiling) opened() { c.close.Do(func() { close(c.built) }) }

// Compile compiles the programs that a batch on the host needs, unless they are. It may run during a step, and for several batches
// at the same time.
func (s *Step) Compile(b Batch) (err error) {
	p := s.params()
	p.rates, p.random = s.config.Optim.Rates(0, 1), randomState(s.config.Seed, 0)
	if s.first.CompareAndSwap(false, true) {
		defer s.opened() // also where it fails
		if err = s.compile(s.main, b.parts[0], p); err == nil && s.update != nil {
			p.losses = tensors.FromShape(shapes.Make(p.rates.DType(), len(s.Losses())))
			err = s.compileFor(s.update, arraysOf(p.update()))
		}
	} else {
		<-s.built
	}
	for _, part := range b.parts {
		if err == nil {
			err = s.compile(s.main, part, p)
		}
	}
	return err
}

// compile compiles the program that takes a batch, for the shapes of this one.
func (s *Step) compile(exec *model.Exec, arrays []array, p params[*tensors.Tensor]) error {
	fields := p.whole()
	if s.update != nil {
		fields = p.micro()[1:] // the shares are in the batch
	}
	return s.compileFor(exec, append(arrays[:len(arrays):len(arrays)], arraysOf(fields)...))
}

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
func (c *compiling) Planned() (plan compilerplan.Plan, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.graphs {
		if p, planned := compilerplan.Of(g.Executable()); planned {
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
// it compiles.
func (c *compiling) CompilesAtOnce() int {
	if backends.Kind(c.on.backend) == backends.CUDA {
		return 1
	}
	return min(4, runtime.NumCPU())
}

// Shape describes the shapes of a batch's arrays on the host: batches of the same Shape need the same programs.
func (b Batch) Shape() string {
	var text strings.Builder
	for _, part := range b.parts {
		for _, a := range part {
			fmt.Fprint(&text, a.value.(*tensors.Tensor).Shape(), " ")
		}
	}
	return text.String()
}
