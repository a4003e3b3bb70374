// SPDX-License-Identifier: Apache-2.0

package backends_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/asyncexec"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
)

// TestAsynchronous: an execution returns before the device has computed, and only where it is asked to; reading its result waits,
// and so does an execution that takes it.
func TestAsynchronous(t *testing.T) {
	if backends.Asynchronous(backendstest.XLA(t)) || backends.Asynchronous(backendstest.Go(t)) {
		t.Fatal("a CPU computes asynchronously")
	}
	backend := backendstest.Asynchronous(t)
	exec, err := NewExec(backend, func(x *Node) *Node {
		for range 12 {
			x = DivScalar(MatMul(x, x), 700)
		}
		return x
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	ones := tensors.FromShape(shapes.Make(dtypes.Float32, 700, 700))
	if err := tensors.MutableFlatData(ones, func(flat []float32) {
		for i := range flat {
			flat[i] = 1
		}
	}); err != nil {
		t.Fatal(err)
	}
	call := func() (*tensors.Tensor, time.Duration) {
		began := time.Now()
		out, err := exec.Call(ones)
		if err != nil {
			t.Fatal(err)
		}
		return out[0], time.Since(began)
	}
	call()              // compiles
	waited := time.Hour // the least of several: the machine may be busy
	for range 3 {
		_, took := call()
		waited = min(waited, took)
	}
	var out *tensors.Tensor
	var sent time.Duration
	began := time.Now()
	_ = asyncexec.Send(func() error {
		out, sent = call()
		ones = out
		out, _ = call()
		return nil
	})
	got, err := tensors.CopyFlatData[float32](out)
	read := time.Since(began)
	if err != nil || got[0] != 1 || got[len(got)-1] != 1 {
		t.Errorf("%g, want 1 (%v)", got[0], err)
	}
	if read < waited/2 || sent > read/2 {
		t.Errorf("sent in %v, two results read after %v; an execution that waits takes %v", sent, read, waited)
	}
	if _, again := call(); again < sent {
		t.Errorf("after Send, an execution waits %v, in it %v", again, sent)
	}
}

// TestAsynchronousError: an error of a computation that was sent comes as a plain error, when it is sent or when its result is
// read.
func TestAsynchronousError(t *testing.T) {
	backend := backendstest.Asynchronous(t)
	exec, err := NewExec(backend, func(x *Node) *Node {
		large := Add(IotaFull(x.Graph(), shapes.Make(dtypes.Float32, 1<<22, 1<<22)), x)
		return Add(ReduceAllMax(Sort(large, 0, true)), ReduceAllSum(large))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	var out []*tensors.Tensor
	err = asyncexec.Send(func() (err error) {
		out, err = exec.Call(float32(1))
		return err
	})
	if err == nil {
		t.Log("the error comes with the result")
		_, err = tensors.CopyFlatData[float32](out[0])
	}
	if err == nil {
		t.Fatal("no error")
	}
	if line, _, _ := strings.Cut(err.Error(), "\n"); !strings.Contains(line, "ut of memory") {
		t.Errorf("%q", line)
	}
}
