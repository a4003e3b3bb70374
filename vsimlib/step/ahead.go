// SPDX-License-Identifier: Apache-2.0

package step

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/asyncexec"
	"vsim/vsimlib/backends"
	"vsim/vsimlib/multimodal"
)

// A step that is sent while the one before runs must not be made if the one before was not: a run ends at a step that is not finite, and
// its weights and moments are to be those before that step. So each step hands a gate to the next one, a scalar that stays on the
// device: 0 where the step was made, NaN where it was not. A step is made only where the loss plus the gate that it takes, and the
// squares of its gradients, are finite. After one step that was not made, none is.

// goesAhead reports whether steps are sent ahead: on one device that computes while the host goes on, and not where the host adds up the
// losses of micro-batches.
func goesAhead(c Config) bool {
	return !c.Accumulate && c.Devices.count == 1 && backends.Asynchronous(c.Devices.backend)
}

// Ahead reports whether Sequence sends steps ahead.
func (s *Step) Ahead() bool { return s.ahead }

// gated is the rest of the program of a step on a batch (programs.whole) that takes a gate. It returns one array of the losses and the sum
// of the gradients' squares, so that one copy brings them to the host, and the next gate.
func (p programs) gated(store *model.Store, list []*Node, rates, gate *Node) []*Node {
	g := gate.Graph()
	total := Add(list[0], gate)
	squares := p.optim.Update(store, multimodal.Names(p.model), total, rates)
	updateInPlace(store, g)
	made := LogicalAnd(IsFinite(total), IsFinite(squares))
	next := Where(made, ScalarZero(g, dtypes.Float32), Scalar(g, dtypes.Float32, math.NaN()))
	return []*Node{Stack(append(list[:len(list):len(list)], squares), 0), next}
}

// openGate is the gate of a first step on the host; none where steps do not go ahead.
func (s *Step) openGate() []array {
	if !s.ahead {
		return nil
	}
	return []array{{name: "gate", value: tensors.FromScalar(float32(0))}}
}

// sent is a step that is being computed, or was.
type sent struct {
	out  *tensors.Tensor // losses and squares; nil: made is known
	made Outcome
}

// send makes the step of an uploaded batch. Where steps go ahead it returns before the step is computed.
func (s *Step) send(b Batch) (sent, error) {
	switch {
	case s.update != nil:
		made, err := s.accumulated(b)
		return sent{made: made}, err
	case s.ahead:
		return s.sendAhead(b)
	}
	out, err := s.run(s.main, b.parts[0], b.more[0])
	if err != nil {
		return sent{}, err
	}
	list, err := tensors.CopyFlatData[float32](out[0])
	return sent{made: outcome(list, tensors.ToScalar[float32](out[1]))}, err
}

// sendAhead sends the step and takes the gate that it will hand on.
func (s *Step) sendAhead(b Batch) (sent, error) {
	if s.gate == nil {
		s.gate = s.openGate()
		if err := s.config.Devices.put(s.gate); err != nil {
			return sent{}, err
		}
	}
	var out []*tensors.Tensor
	err := asyncexec.Send(func() (err error) {
		out, err = s.run(s.main, b.parts[0], b.more[0], s.gate)
		return err
	})
	if err != nil {
		return sent{}, err
	}
	taken := s.gate
	s.gate = []array{{name: taken[0].name, value: out[1]}}
	return sent{out: out[0]}, free(taken)
}

// collect waits until the step is computed and returns its outcome.
func (t sent) collect() (Outcome, error) {
	if t.out == nil {
		return t.made, nil
	}
	list, err := tensors.CopyFlatData[float32](t.out)
	if err != nil {
		return Outcome{}, err
	}
	last := len(list) - 1
	return outcome(list[:last:last], list[last]), t.out.FinalizeAll()
}
