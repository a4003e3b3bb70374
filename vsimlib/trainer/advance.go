// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// advancer is a plan's step compiled for its devices. GoMLX's Exec.Call returns when the devices are done, so there is no step to
// send ahead while another runs; but batches are made and moved to the devices in the background.
type advancer struct {
	*plan
	placement
	step, last *model.Exec // last: nil where step makes the update
}

func newAdvancer(l *loop) (*advancer, error) {
	a := &advancer{plan: &l.plan, placement: l.placement}
	var err error
	if a.step, err = a.compile(l, l.graph, l.rows); err != nil || l.update == nil {
		return a, err
	}
	a.last, err = a.compile(l, l.update, nil)
	return a, err
}

func (a *advancer) compile(l *loop, graph stepGraph, rows []bool) (*model.Exec, error) {
	exec, err := model.NewExec(l.Backend, l.store, func(s *model.Scope, in []*Node) []*Node { return graph(s.Store(), in) })
	if err != nil {
		return nil, err
	}
	exec.SetMaxCache(-1) // a batch of unusual size may need a program of its own; no number of them is an error
	a.spread(exec, rows)
	return exec, nil
}

func (a *advancer) close() {
	a.step.Finalize()
	if a.last != nil {
		a.last.Finalize()
	}
}

// example makes the batch of a step and moves it to the devices; several at a time may be under way.
func (a *advancer) example(step int) (example, error) {
	e, err := a.plan.example(step)
	if err != nil {
		return e, err
	}
	return e, a.upload(e)
}

// upload moves the arrays of a batch to the devices.
func (a *advancer) upload(e example) error {
	for _, arrays := range append(e.micro, e.tensors) {
		if err := a.put(arrays, a.rows); err != nil {
			return err
		}
	}
	return nil
}

// advance trains on one batch and returns its losses and whether they and the gradients were finite; if not, nothing has changed.
func (a *advancer) advance(step int, e example, rates *tensors.Tensor) (losses []float32, ok bool, err error) {
	if a.last == nil {
		out, err := a.call(a.step, e.tensors, rates, randomState(a.seed, step))
		if err != nil {
			return nil, false, err
		}
		losses, err = tensors.CopyFlatData[float32](out[0])
		return losses, err == nil && tensors.ToScalar[bool](out[1]), err
	}
	losses = make([]float32, len(a.losses))
	for i, arrays := range e.micro {
		out, err := a.call(a.step, arrays, randomState(a.seed, step+i<<32)) // no run has 2³² steps
		if err != nil {
			return nil, false, err
		}
		part, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return nil, false, err
		}
		for j := range losses {
			losses[j] += part[j]
		}
	}
	out, err := a.call(a.last, nil, tensors.FromFlatDataAndDimensions(losses, len(losses)), rates)
	if err != nil {
		return nil, false, err
	}
	return losses, tensors.ToScalar[bool](out[0]), nil
}

// call runs a program on arrays that are on the devices and others that are not yet.
func (a *advancer) call(exec *model.Exec, arrays []any, others ...any) ([]*tensors.Tensor, error) {
	if err := a.put(others, nil); err != nil {
		return nil, err
	}
	out, err := exec.Call(append(arrays[:len(arrays):len(arrays)], others...)...)
	if err != nil {
		return nil, err
	}
	return out, example{tensors: others}.free()
}
