// SPDX-License-Identifier: Apache-2.0

package step

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Compile compiles the programs that a batch on the host needs, unless they are. It may run during a step, and for several batches
// at the same time.
func (s *Step) Compile(b Batch) (err error) {
	p := s.config.params(0, 0)
	p.rates = s.config.Optim.Rates(0, 1)
	if s.first.CompareAndSwap(false, true) {
		defer s.opened() // also where it fails
		if err = s.compile(b.parts[0], p); err == nil && s.update != nil {
			p.losses = tensors.FromShape(shapes.Make(p.rates.DType(), len(s.Losses())))
			err = s.compileFor(s.update, arraysOf(p.update()))
		}
	} else {
		<-s.built
	}
	for _, part := range b.parts {
		if err == nil {
			err = s.compile(part, p)
		}
	}
	return err
}

// compile compiles the program that takes a batch, for arrays of these shapes.
func (s *Step) compile(arrays []array, p params[*tensors.Tensor]) error {
	return s.compileFor(s.main, slices.Concat(arrays, arraysOf(p.beside(s.update != nil)), s.gate.open()))
}

// Shape describes the shapes of a batch's arrays on the host: batches of the same Shape need the same programs.
func (b Batch) Shape() string {
	var text strings.Builder
	for _, part := range b.parts {
		for _, a := range part {
			fmt.Fprint(&text, a.value.(*tensors.Tensor).Shape(), " ")
		}
	}
	return text.String()
}
