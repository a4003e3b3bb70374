// SPDX-License-Identifier: Apache-2.0

package step

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/lowering"
)

// Trace writes what a step on a batch computes on one device of a kind (backends.Kind), and on what: its programs as StableHLO in
// normal form (see package lowering), and the values of all arrays that they take: weights, batch, random state of the first step,
// learning rates of all steps. No program is compiled and none runs. Steps of the same arithmetic have the same trace, whatever
// their parts are called. It releases the memory of the batch.
func Trace(w io.Writer, kind string, c Config, b Batch) error {
	backend, err := lowering.New(kind)
	if err != nil {
		return err
	}
	c.Devices = Devices{backend: backend, count: 1, waits: true}
	s, err := New(c)
	if err != nil {
		return err
	}
	defer s.Close()
	for v := range c.Store.IterVariables() {
		value, err := v.Value()
		if err == nil {
			err = TraceArray(w, value)
		}
		if err != nil {
			return fmt.Errorf("step: weight %s: %w", v.Path(), err)
		}
	}
	for n := range c.Optim.TotalSteps {
		if err := TraceArray(w, c.Optim.Rates(n, n+1)); err != nil {
			return err
		}
	}
	p := s.config.params(0, 0)
	p.rates = c.Optim.Rates(0, 1)
	err = trace(w, s.main, b.parts[0], p.beside(s.update != nil))
	if err == nil && s.update != nil {
		p.losses = tensors.FromFlatDataAndDimensions(make([]float32, len(s.Losses())), len(s.Losses()))
		err = trace(w, s.update, nil, p.update())
	}
	if err != nil {
		return err
	}
	if _, err := w.Write(bytes.Join(backend.Programs(), nil)); err != nil {
		return err
	}
	return b.Free()
}

// trace writes the arrays that a program takes and lowers it.
func trace(w io.Writer, exec *model.Exec, arrays []array, fields []batch.Field[*tensors.Tensor]) error {
	all := append(arrays[:len(arrays):len(arrays)], arraysOf(fields)...)
	for _, a := range all {
		if err := TraceArray(w, a.value.(*tensors.Tensor)); err != nil {
			return fmt.Errorf("step: %s: %w", a.name, err)
		}
	}
	if _, err := exec.Call(values(all)...); !errors.Is(err, lowering.ErrLowered) {
		return fmt.Errorf("step: a program cannot be lowered: %w", err)
	}
	return nil
}

// TraceArray writes the shape and the values of a tensor.
func TraceArray(w io.Writer, t *tensors.Tensor) error {
	if _, err := fmt.Fprintln(w, t.Shape()); err != nil {
		return err
	}
	var failed error
	err := t.ConstBytes(func(data []byte) { _, failed = w.Write(data) })
	return errors.Join(err, failed)
}
