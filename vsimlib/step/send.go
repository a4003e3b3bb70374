// SPDX-License-Identifier: Apache-2.0

package step

import (
	"github.com/gomlx/gomlx/core/tensors"
)

// Advance makes the step of an uploaded batch and waits for it. It does not free the batch.
func (s *Step) Advance(b Batch) (Outcome, error) {
	sent, err := s.send(b)
	if err != nil {
		return Outcome{}, err
	}
	return sent.collect()
}

// Ahead reports whether Sequence sends steps ahead.
func (s *Step) Ahead() bool { return s.gate != nil }

// send makes the step of an uploaded batch. Where steps go ahead it returns before the step is computed.
func (s *Step) send(b Batch) (sent, error) {
	switch {
	case s.update != nil:
		made, err := s.accumulated(b)
		return sent{made: made}, err
	case s.Ahead():
		return s.gate.send(func(gates []array) ([]*tensors.Tensor, error) { return s.run(s.main, b.parts[0], b.more[0], gates) })
	}
	out, err := s.run(s.main, b.parts[0], b.more[0])
	if err != nil {
		return sent{}, err
	}
	list, err := tensors.CopyFlatData[float32](out[0])
	return sent{made: outcome(list, tensors.ToScalar[float32](out[1]))}, err
}

// accumulated makes a step on micro-batches.
func (s *Step) accumulated(b Batch) (Outcome, error) {
	list := make([]float32, len(s.Losses()))
	for i, arrays := range b.parts {
		out, err := s.run(s.main, arrays, b.more[i])
		if err != nil {
			return Outcome{}, err
		}
		part, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return Outcome{}, err
		}
		for j := range list {
			list[j] += part[j]
		}
	}
	p := params[*tensors.Tensor]{losses: tensors.FromFlatDataAndDimensions(list, len(list))}
	sum := arraysOf(p.update()[:1])
	if err := s.config.Devices.put(sum); err != nil {
		return Outcome{}, err
	}
	out, err := s.run(s.update, sum, b.more[len(b.parts)])
	if err != nil {
		return Outcome{}, err
	}
	return outcome(list, tensors.ToScalar[float32](out[0])), free(sum)
}
