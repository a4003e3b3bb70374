// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"time"

	"vsim/vsimlib/step"
)

// Compiled is what Compile found out without running a step.
type Compiled struct {
	CompileS       float64 `json:"compile_s"` // of all programs, built as graphs and compiled, or loaded from files
	Programs       int     `json:"programs"`  // shapes of batches, each with a program of its own
	MemoryEstimate int64   `json:"memory_estimate_bytes"`
	MemoryCompiler int64   `json:"memory_compiler_bytes,omitempty"` // XLA only

	Machine
	Lengths string `json:"lengths"`
	Shape   Shape  `json:"shape"`
}

// Compile compiles the programs of the steps that Run would make under the same options, and runs none of them, so that Run, also
// in another process, loads them from files. Weights and batches stay on the host, and the memory of the devices is not checked:
// they need not have what a step takes.
func Compile(ctx context.Context, o Options) (Compiled, error) {
	m, err := newMeasurement(o)
	if err != nil {
		return Compiled{}, err
	}
	batches, err := m.shapes()
	if err != nil {
		return Compiled{}, err
	}
	on, err := m.plan()
	if err != nil {
		return Compiled{}, err
	}
	store, err := m.newStore()
	if err != nil {
		return Compiled{}, err
	}
	if err := m.stepOn(on, store); err != nil {
		return Compiled{}, err
	}
	defer m.step.Close()
	m.Report("compiling the training step")
	began := time.Now()
	for _, b := range batches {
		if err := ctx.Err(); err != nil {
			return Compiled{}, err
		}
		if err := m.step.Compile(b); err != nil {
			return Compiled{}, fmt.Errorf("bench: %w", m.memory.Explain(err))
		}
	}
	c := Compiled{CompileS: time.Since(began).Seconds(), Programs: len(batches), Machine: m.machine(), Lengths: m.Lengths,
		Shape: shapeOf(m.Recipe)}
	c.MemoryEstimate, c.MemoryCompiler = m.planned()
	return c, nil
}

// shapes are the first batches of each shape among those of Run's steps, warm-up included.
func (m *measurement) shapes() (batches []step.Batch, err error) {
	m.Report("generating videos and weights")
	if m.source, err = newSource(m.Recipe, m.Devices, m.Lengths); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for n := range 1 + warmup + m.Steps {
		parts, err := m.source.parts(n)
		if err != nil {
			return nil, err
		}
		b, err := step.NewPretrainBatch(m.Recipe.Pretrain, parts)
		if err != nil {
			return nil, err
		}
		if shape := b.Shape(); !seen[shape] {
			seen[shape] = true
			batches = append(batches, b)
		}
	}
	return batches, nil
}
