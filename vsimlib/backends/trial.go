// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// product is a way of multiplying: the type of the operands, and whether they are rounded to TF32.
type product struct {
	name  string
	dtype dtypes.DType
	tf32  bool
	tol   float64 // how far a result may be from the right one
}

// products are those that training computes. Factors are rounded to 24, 11 and 8 bits; a result here is at most 1.
var products = []product{
	{"float32", dtypes.Float32, false, 1e-5},
	{"TF32", dtypes.Float32, true, 5e-3},
	{"bfloat16", dtypes.BFloat16, false, 4e-2},
}

// Tried is how one device did in Try.
type Tried struct {
	Name   string
	Passed []string // names of types
	Failed []error  // with the names of the other types
}

// String is one line, such as "NVIDIA H100: float32, TF32, bfloat16".
func (d Tried) String() string {
	parts := []string{strings.Join(d.Passed, ", ")}
	if len(d.Passed) == 0 {
		parts = nil
	}
	for _, err := range d.Failed {
		parts = append(parts, err.Error())
	}
	return d.Name + ": " + strings.Join(parts, "; ")
}

// Try compiles and runs a small program on every device, in every type that training computes in; TF32, which other devices do not
// have, on CUDA alone. A plugin can open a card for which it then compiles nothing: ptxas or libdevice may be missing, or a library
// that products are computed by.
func Try(backend compute.Backend) []Tried {
	isCUDA := Kind(backend) == CUDA
	var list []Tried
	for n := range compute.DeviceNum(backend.NumDevices()) {
		d := Tried{Name: backend.DeviceDescription(n)}
		for _, p := range products {
			if p.tf32 && !isCUDA {
				continue
			}
			err := WithTF32(backend, p.tf32, func() error { return p.run(backend, n) })
			if err != nil {
				d.Failed = append(d.Failed, fmt.Errorf("%s failed: %s", p.name, cause(err)))
				continue
			}
			d.Passed = append(d.Passed, p.name)
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

// edge is that of the matrices: tensor cores multiply tiles of 16.
const edge = 64

// run compiles tanh(x·x/edge), of which tanh needs libdevice, and compares the results.
func (p product) run(backend compute.Backend, device compute.DeviceNum) (err error) {
	defer func() {
		if r := recover(); r != nil { // GoMLX panics on what a backend does not have
			err = fmt.Errorf("%v", r)
		}
	}()
	exec, err := NewExec(backend, func(x *Node) *Node {
		x = ConvertDType(x, p.dtype)
		return Tanh(DivScalar(ConvertDType(Dot(x, x).Product(), dtypes.Float32), edge))
	})
	if err != nil {
		return err
	}
	defer exec.Finalize()
	x := values()
	in := tensors.FromFlatDataAndDimensions(x, edge, edge)
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
	for i, want := range exact(x) {
		if d := math.Abs(float64(got[i]) - want); !(d <= p.tol) {
			return fmt.Errorf("result %d is %g, not %g", i, got[i], want)
		}
	}
	return nil
}

// values are numbers in [-1, 1] that no type but float32 has exactly.
func values() []float32 {
	x := make([]float32, edge*edge)
	for i := range x {
		x[i] = float32(math.Sin(float64(i)))
	}
	return x
}

// exact is what run computes, in float64.
func exact(x []float32) []float64 {
	out := make([]float64, edge*edge)
	for i := range edge {
		for j := range edge {
			sum := 0.0
			for k := range edge {
				sum += float64(x[i*edge+k]) * float64(x[k*edge+j])
			}
			out[i*edge+j] = math.Tanh(sum / edge)
		}
	}
	return out
}
