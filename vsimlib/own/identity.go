// SPDX-License-Identifier: Apache-2.0

package own

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/lowering"
)

// number tries the function on the made-up batch and returns its number. It is an error where the function panics, its result is
// none of its kind, value or gradients are not finite, or the gradients are zero on whatever batch.
func (f function) number() (string, error) {
	if _, err := f.try(); err != nil {
		return "", err
	}
	text := f.lower
	if _, err := lowering.New(backends.CPU); errors.Is(err, lowering.ErrNoXLA) { // such builds number the values
		text = f.try
	}
	program, err := text()
	if err != nil {
		return "", err
	}
	again, err := text()
	if err != nil {
		return "", err
	}
	if !bytes.Equal(program, again) {
		return "", failf("%s: builds another graph each time it is called; its result may depend on its inputs alone", f)
	}
	sum := sha256.Sum256(append([]byte(f.kind.name+"\n"), program...))
	return hex.EncodeToString(sum[:8]), nil
}

// program makes a program of the result and of its gradients with respect to the inputs that train, calls use with it, and returns
// the error of either.
func (f function) program(backend compute.Backend, use func(*Exec) error) error {
	var failed error
	exec, err := NewExec(backend, func(in []*Node) []*Node {
		y, err := f.build(in)
		if err != nil {
			failed = err
			panic(err)
		}
		return append([]*Node{y}, f.gradients(y, in)...)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	defer exec.Finalize()
	if err := use(exec); failed == nil {
		return err
	}
	return failed
}

// run runs the program on the made-up batch.
func (f function) run(backend compute.Backend) (out []*tensors.Tensor, err error) {
	values := make([]any, len(f.kind.inputs))
	for i, in := range f.kind.inputs {
		values[i] = in.value
	}
	err = f.program(backend, func(exec *Exec) (err error) {
		out, err = exec.Call(values...)
		return err
	})
	return out, err
}

// gradients are those of the result with respect to the inputs that train; of a result that is no scalar, of its sum with unequal
// weights.
func (f function) gradients(y *Node, in []*Node) []*Node {
	if !y.Shape().IsScalar() {
		y = ReduceAllSum(Mul(y, Cos(ConvertDType(IotaFull(y.Graph(), y.Shape()), y.DType()))))
	}
	var trained []*Node
	for i, x := range in {
		if f.kind.inputs[i].trained {
			trained = append(trained, x)
		}
	}
	return Gradient(y, trained...)
}

// try computes on the pure Go backend and returns what is computed.
func (f function) try() ([]byte, error) {
	backend, err := backends.OpenGo()
	if err != nil {
		return nil, err
	}
	out, err := f.run(backend)
	if err != nil {
		return nil, f.blame(err)
	}
	var all bytes.Buffer
	still := true // all gradients are zero
	for i, t := range out {
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, f.blame(err)
		}
		for _, v := range values {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return nil, failf("%s: %s is %g on a made-up batch of finite numbers", f, f.output(i), v)
			}
		}
		still = still && (i == 0 || !slices.ContainsFunc(values, func(v float32) bool { return v != 0 }))
		fmt.Fprintln(&all, t.Shape(), values)
	}
	if still {
		err = f.depends()
	}
	return all.Bytes(), err
}

// output names the i-th result of the program that run builds.
func (f function) output(i int) string {
	for _, in := range f.kind.inputs {
		if in.trained {
			i--
			if i == 0 {
				return "its gradient by " + in.name
			}
		}
	}
	return "its value"
}

// lower returns the text of the program at the sizes of the made-up batch, and at large ones where it can be built there: one that
// cannot is refused before a run with such sizes.
func (f function) lower() ([]byte, error) {
	backend, err := lowering.New(backends.CPU)
	if err != nil {
		return nil, err
	}
	if _, err := f.run(backend); !errors.Is(err, lowering.ErrLowered) {
		return nil, f.blame(err)
	}
	list, err := f.shapesAt(large)
	if err != nil {
		return nil, f.blame(err)
	}
	_ = f.program(backend, func(exec *Exec) error {
		_, err := exec.Compile(list...)
		return err
	})
	return bytes.Join(backend.Programs(), nil), nil
}
