// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	gopjrt "github.com/gomlx/go-xla/pjrt"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/docker/gpu-aot/pjrt"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/plugin"
)

// requireVar asks for the tests that compile for GPUs, which take minutes.
const requireVar = "VSIM_REQUIRE_GPU_AOT"

// kitForTest is the installed GPU compiler.
func kitForTest(t *testing.T) pjrt.Toolkit {
	t.Helper()
	if os.Getenv(requireVar) == "" {
		t.Skipf("compiles for GPUs; set %s", requireVar)
	}
	kit, err := findToolkit()
	if err != nil {
		t.Fatal(err)
	}
	return kit
}

// bench records programs that this process makes, through the shim.
type bench struct {
	*testing.T
	kit   pjrt.Toolkit
	tools pjrt.Tools
	dir   string // of the recorded programs
}

func newBench(t *testing.T) bench {
	t.Helper()
	b := bench{T: t, kit: kitForTest(t), dir: t.TempDir()}
	cpuPlugin, err := plugin.Install(context.Background(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if b.tools, err = pjrt.Build(context.Background(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	for _, setting := range b.tools.RecordEnv(b.dir, cpuPlugin, "", 0) {
		name, value, _ := strings.Cut(setting, "=")
		t.Setenv(name, value)
	}
	return b
}

// compile compiles the program recorded last, under a name of bfloat16.
func (b bench) compile(name string) Result {
	b.Helper()
	programs, err := pjrt.Recorded(b.dir)
	if err != nil || len(programs) == 0 {
		b.Fatalf("%d programs recorded (%v)", len(programs), err)
	}
	j := job{name + "/bfloat16/0", "h100", programs[len(programs)-1]}
	r, err := compile(context.Background(), b.tools, b.kit, b.TempDir(), j)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// expect holds the faults of a result, judged by the limits of another one, to texts in their order; without texts there must be
// no fault.
func (b bench) expect(r, recorded Result, want ...string) {
	b.Helper()
	var e Expectations
	recorded.Program = r.Program
	e.record([]string{caseOf(r.Program)}, []string{r.Target}, []Result{recorded})
	faults := e.faults(r)
	if !slices.EqualFunc(faults, want, strings.Contains) {
		b.Errorf("faults %q, want %q", faults, want)
	}
}

// TestPlanted plants the three faults that the check is for into small programs, made by GoMLX and go-xla through the shim, and
// compares them with the same programs without the fault.
func TestPlanted(t *testing.T) {
	b := newBench(t)
	b.plantFloat32()
	b.plantMissingKernel()
	b.plantLostAlias()
}

// plantFloat32 multiplies in bfloat16 only, then also in float32.
func (b bench) plantFloat32() {
	backend, info, err := backends.Open()
	if err != nil || info.Kind != backends.CUDA {
		b.Fatalf("%+v (%v)", info, err)
	}
	product := func(name string, build func(x *Node) *Node) Result {
		exec, err := NewExec(backend, build)
		if err != nil {
			b.Fatal(err)
		}
		defer exec.Finalize()
		if _, err := exec.Call(tensors.FromFlatDataAndDimensions(make([]float32, 64*64), 64, 64)); err != nil {
			b.Fatal(err)
		}
		return b.compile(name)
	}
	half := func(x *Node) *Node {
		x = ConvertDType(x, dtypes.BFloat16)
		return ConvertDType(Dot(x, x).Product(), dtypes.Float32)
	}
	sound := product("sound", half)
	b.expect(sound, sound)
	if sound.FLOPs["bfloat16"] != 2*64*64*64 {
		b.Errorf("%+v", sound)
	}
	planted := product("float32", func(x *Node) *Node { return Add(half(x), Dot(x, Neg(x)).Product()) })
	sound.Kernels, sound.Temporaries = planted.Kernels, planted.Temporaries // these two may grow here
	b.expect(planted, sound, "0.5000 of the arithmetic is in float32 or TF32, at most 0.0100 may be")
}

// program records a program of go-xla. The CPU behind the shim may refuse it.
func (b bench) program(name string, build func(*stablehlo.Function) (results []*stablehlo.Value, err error)) Result {
	b.Helper()
	plugin, err := gopjrt.GetPlugin(b.tools.Shim)
	if err != nil {
		b.Fatal(err)
	}
	client, err := plugin.NewClient(nil)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Destroy()
	builder := stablehlo.New(name)
	main := builder.Main()
	results, err := build(main)
	if err != nil {
		b.Fatal(err)
	}
	if err := main.Return(results...); err != nil {
		b.Fatal(err)
	}
	code, err := builder.Build()
	if err != nil {
		b.Fatal(err)
	}
	if exec, err := client.Compile().WithStableHLO(code).Done(); err == nil {
		defer exec.Destroy()
	}
	return b.compile(name)
}

var vector = shapes.Make(dtypes.Float32, 1024)

// plantMissingKernel calls a kernel that no GPU has.
func (b bench) plantMissingKernel() {
	r := b.program("kernel", func(f *stablehlo.Function) ([]*stablehlo.Value, error) {
		x, err := f.NamedInput("x", vector)
		if err != nil {
			return nil, err
		}
		return stablehlo.CustomCallV2("vsim_no_such_kernel", "", []*stablehlo.Value{x}, nil, []shapes.Shape{vector}, nil)
	})
	b.expect(r, r, "kernel/bfloat16/0 does not compile for h100: aotc: compiling: "+
		"No registered implementation for custom call to vsim_no_such_kernel")
}

// plantLostAlias updates a state in its own memory, then in memory of its own.
func (b bench) plantLostAlias() {
	update := func(attributes map[string]any) func(f *stablehlo.Function) ([]*stablehlo.Value, error) {
		return func(f *stablehlo.Function) ([]*stablehlo.Value, error) {
			x, err := f.NamedInputWithAttributes("x", vector, attributes)
			if err != nil {
				return nil, err
			}
			sum, err := stablehlo.Add(x, x)
			return []*stablehlo.Value{sum}, err
		}
	}
	sound := b.program("aliased", update(map[string]any{"tf.aliasing_output": int32(0)}))
	b.expect(sound, sound)
	if sound.Aliases != (Aliases{Asked: 1, Made: 1}) {
		b.Errorf("%+v", sound.Aliases)
	}
	b.expect(b.program("lost", update(nil)), sound, "4096 bytes of results outside of the arguments' memory, at most 0 may be")
	// The compiler, too, may lose one that it is asked for.
	lost := sound
	lost.Aliases.Made = 0
	b.expect(lost, sound, "0 results take the memory of an argument, 1 are to")
}
