// SPDX-License-Identifier: Apache-2.0

package huggingface

import (
	"fmt"
	"math"

	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/safetensors"
)

// weights returns all weights of the model and completes the report.
func (m *matched) weights(seed int64) ([]safetensors.Tensor, error) {
	var out []safetensors.Tensor
	for _, name := range multimodal.Names(m.config) {
		shape := m.shapes[name]
		if from, ok := m.from[name]; ok {
			t, err := m.read(from, name)
			if err != nil {
				return nil, err
			}
			out, m.report.Taken = append(out, t), append(m.report.Taken, name)
			continue
		}
		m.report.Created = append(m.report.Created, name)
		if name == decoder {
			t, err := m.read(m.from[wordEmbeddings], name)
			if err != nil {
				return nil, err
			}
			out = append(out, t)
			m.note("%s starts as a copy of %s: the file has none of its own", decoder, wordEmbeddings)
			continue
		}
		out = append(out, safetensors.FromFloat32(name, shape, multimodal.Initial(m.config, name, shape, seed)))
	}
	return out, nil
}

// read returns a tensor of the file as float32 under its new name.
func (m *matched) read(from, name string) (safetensors.Tensor, error) {
	t, err := m.file.read(from)
	if err != nil {
		return t, err
	}
	values, err := safetensors.Float32s(t)
	if err != nil {
		return t, fmt.Errorf("%s: %w", m.file.pathOf(from), err)
	}
	for i, v := range values {
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			return t, fmt.Errorf("%s: tensor %s: element %d is %g", m.file.pathOf(from), from, i, v)
		}
	}
	return safetensors.FromFloat32(name, t.Shape, values), nil
}
