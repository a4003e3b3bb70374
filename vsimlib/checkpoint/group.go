// SPDX-License-Identifier: Apache-2.0

package checkpoint

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/safetensors"
)

// Group is tensors that are written to one file, one after the other.
type Group struct {
	Specs  []safetensors.Spec
	Data   func(i int) ([]byte, error) // the bytes of Specs[i]; they may be overwritten by the next call
	Direct bool                        // Data takes no memory
}

// Size is the number of bytes of all tensors.
func (g Group) Size() (bytes int64) {
	for _, s := range g.Specs {
		width, _ := safetensors.Width(s.DType)
		size := int64(width)
		for _, d := range s.Shape {
			size *= int64(d)
		}
		bytes += size
	}
	return bytes
}

// inMemory are groups of tensors that the host has.
func inMemory(lists map[string][]safetensors.Tensor) map[string]Group {
	groups := map[string]Group{}
	for name, list := range lists {
		g := Group{Data: func(i int) ([]byte, error) { return list[i].Data, nil }, Direct: true}
		for _, t := range list {
			g.Specs = append(g.Specs, safetensors.Spec{Name: t.Name, DType: t.DType, Shape: t.Shape})
		}
		groups[name] = g
	}
	return groups
}

// Variables is the group of the float32 variables directly in a scope: Root for the weights, optim.FirstMoments and
// optim.SecondMoments for those. Variables of other types, such as GoMLX's random state, are not the model's. Where the host sees
// the device's memory (XLA:CPU, the Go backend) nothing is copied; elsewhere one tensor at a time, into buffer, which grows where
// it is too small and which groups of one checkpoint may share. Use the group between steps only: in a step the device owns the
// memory.
func Variables(store *model.Store, scope string, buffer *[]float32) (Group, error) {
	var values []*tensors.Tensor
	g := Group{Direct: true}
	for _, v := range inScope(store, scope) {
		value, err := Value(v)
		if err != nil {
			return g, fmt.Errorf("checkpoint: variable %s: %w", v.Path(), err)
		}
		values = append(values, value)
		g.Direct = g.Direct && direct(value)
		shape := slices.Clone(v.Shape().Dimensions)
		g.Specs = append(g.Specs, safetensors.Spec{Name: v.Name(), DType: safetensors.Float32, Shape: shape})
	}
	g.Data = func(i int) (data []byte, err error) {
		if data, err = bytesOf(values[i], buffer); err != nil {
			err = fmt.Errorf("checkpoint: variable %s: %w", path(scope, g.Specs[i].Name), err)
		}
		return data, err
	}
	return g, nil
}

// Value is the value of a variable. Of one that is the same on several devices it is the first one's.
func Value(v *model.Variable) (*tensors.Tensor, error) {
	if spec := v.ShardingSpec(); spec != nil && spec.IsReplicated() {
		all, err := v.DistributedValue()
		if err != nil {
			return nil, err
		}
		return all.Shards()[0], nil
	}
	return v.Value()
}

// direct reports whether the host sees the memory of a tensor.
func direct(t *tensors.Tensor) bool {
	if t.IsShared() || t.HasLocal() {
		return true
	}
	backend, err := t.Backend()
	return err == nil && backend.HasSharedBuffers()
}

// bytesOf returns the bytes of a float32 tensor: its own memory, or a copy in buffer.
func bytesOf(t *tensors.Tensor, buffer *[]float32) (data []byte, err error) {
	if direct(t) {
		err = t.ConstBytes(func(b []byte) { data = b })
		return data, err
	}
	backend, err := t.Backend()
	if err != nil {
		return nil, err
	}
	device, err := t.Device()
	if err != nil {
		return nil, err
	}
	own, err := t.Buffer(backend, device)
	if err != nil {
		return nil, err
	}
	if len(*buffer) < t.Size() {
		*buffer = make([]float32, t.Size())
	}
	flat := (*buffer)[:t.Size()]
	if err := own.ToFlatData(flat); err != nil {
		return nil, err
	}
	return dtypes.UnsafeByteSliceFromAny(flat), nil
}
