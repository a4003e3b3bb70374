// SPDX-License-Identifier: Apache-2.0

// Package trial compiles and runs a small program on each device of a backend, in each type that training computes in. A plugin can
// open a card for which it then compiles nothing: ptxas or libdevice may be missing, or a library that products are computed by.
package trial

import (
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
)

// A Type is a way of multiplying: the type of a product's operands, and whether they are rounded to TF32.
type Type struct {
	Name  string
	dtype dtypes.DType
	tf32  bool
	tol   float64 // how far a result may be from the right one
}

// Types are those that training has. Factors are rounded to 24, 11 and 8 bits; a result here is at most 1.
var Types = []Type{
	{"float32", dtypes.Float32, false, 1e-5},
	{"TF32", dtypes.Float32, true, 5e-3},
	{"bfloat16", dtypes.BFloat16, false, 4e-2},
}

// Device is how one device did.
type Device struct {
	Name   string
	Passed []string // names of types
	Failed []error  // with the names of the other types
}

// String is one line, such as "NVIDIA H100: float32, TF32, bfloat16".
func (d Device) String() string {
	parts := []string{strings.Join(d.Passed, ", ")}
	if len(d.Passed) == 0 {
		parts = nil
	}
	for _, err := range d.Failed {
		parts = append(parts, err.Error())
	}
	return d.Name + ": " + strings.Join(parts, "; ")
}

// Run tries every type on every device; TF32, which other devices do not have, on CUDA alone.
func Run(backend compute.Backend) []Device {
	isCUDA := backends.Kind(backend) == backends.CUDA
	var list []Device
	for n := range compute.DeviceNum(backend.NumDevices()) {
		d := Device{Name: backend.DeviceDescription(n)}
		for _, t := range Types {
			if t.tf32 && !isCUDA {
				continue
			}
			err := backends.WithTF32(backend, t.tf32, func() error { return t.run(backend, n) })
			if err != nil {
				d.Failed = append(d.Failed, fmt.Errorf("%s failed: %s", t.Name, cause(err)))
				continue
			}
			d.Passed = append(d.Passed, t.Name)
		}
		list = append(list, d)
	}
	return list
}

// cause is the first line of what the plugin says: GoMLX puts its own calls before it, and a stack behind.
func cause(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	if at := strings.Index(line, "PJRT error"); at > 0 {
		line = line[at:]
	}
	return line
}

// size is the edge of the matrices: tensor cores multiply tiles of 16.
const size = 64

// run compiles tanh(x·x/size), of which tanh needs libdevice, and compares the results.
func (t Type) run(backend compute.Backend, device compute.DeviceNum) (err error) {
	defer func() {
		if r := recover(); r != nil { // GoMLX panics on what a backend does not have
			err = fmt.Errorf("%v", r)
		}
	}()
	exec, err := NewExec(backend, func(x *Node) *Node {
		x = ConvertDType(x, t.dtype)
		return Tanh(DivScalar(ConvertDType(Dot(x, x).Product(), dtypes.Float32), size))
	})
	if err != nil {
		return err
	}
	defer exec.Finalize()
	x := values()
	in := tensors.FromFlatDataAndDimensions(x, size, size)
	defer func() { _ = in.FinalizeAll() }()
	out, _, err := exec.CallWithGraphOnDevice(device, in)
	if err != nil {
		return err
	}
	defer func() { _ = out[0].FinalizeAll() }()
	got, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return err
	}
	for i, want := range product(x) {
		if d := math.Abs(float64(got[i]) - want); !(d <= t.tol) {
			return fmt.Errorf("result %d is %g, not %g", i, got[i], want)
		}
	}
	return nil
}

// values are numbers in [-1, 1] that no type but float32 has exactly.
func values() []float32 {
	x := make([]float32, size*size)
	for i := range x {
		x[i] = float32(math.Sin(float64(i)))
	}
	return x
}

// product is what run computes, in float64.
func product(x []float32) []float64 {
	out := make([]float64, size*size)
	for i := range size {
		for j := range size {
			sum := 0.0
			for k := range size {
				sum += float64(x[i*size+k]) * float64(x[k*size+j])
			}
			out[i*size+j] = math.Tanh(sum / size)
		}
	}
	return out
}
