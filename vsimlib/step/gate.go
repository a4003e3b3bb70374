// SPDX-License-Identifier: Apache-2.0

package step

import (
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/asyncexec"
)

// gate is what a step that is sent while the one before runs takes from it. A run ends at a step that is not finite, and its
// weights and moments are to be those before that step, so the next step must not be made then. The gate is a scalar that stays on
// the device: 0 where the step was made, NaN where it was not. A step is made only where the loss plus the gate that it takes, and
// the squares of its gradients, are finite; after one that was not made, none is (programs.gated).
type gate struct {
	on     Devices
	handed []array // by the step that was sent last; nil: none was
}

// open is the gate of a first step, on the host; none where g is nil.
func (g *gate) open() []array {
	if g == nil {
		return nil
	}
	return []array{{name: "gate", value: tensors.FromScalar(float32(0))}}
}

// send sends a step by run, which runs programs.gated with a gate, and takes the gate that the step hands on.
func (g *gate) send(run func(gates []array) ([]*tensors.Tensor, error)) (sent, error) {
	if g.handed == nil {
		g.handed = g.open()
		if err := g.on.put(g.handed); err != nil {
			return sent{}, err
		}
	}
	var out []*tensors.Tensor
	if err := asyncexec.Send(func() (err error) {
		out, err = run(g.handed)
		return err
	}); err != nil {
		return sent{}, err
	}
	unused := append(g.handed, array{value: out[2]})
	g.handed = []array{{name: unused[0].name, value: out[1]}}
	return sent{out: out[0]}, free(unused)
}
