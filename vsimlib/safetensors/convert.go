// SPDX-License-Identifier: Apache-2.0

package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"

	"vsim/vsimlib/half"
)

var le = binary.LittleEndian

// Float32s returns the elements of a float tensor (F64, F32, F16 or BF16); float64 is rounded.
func Float32s(t Tensor) ([]float32, error) {
	var at func(b []byte) float32
	switch t.DType {
	case Float64:
		at = func(b []byte) float32 { return float32(math.Float64frombits(le.Uint64(b))) }
	case Float32:
		at = func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }
	case Float16:
		at = func(b []byte) float32 { return half.Float32(le.Uint16(b)) }
	case BFloat16:
		at = func(b []byte) float32 { return math.Float32frombits(uint32(le.Uint16(b)) << 16) }
	default:
		return nil, fmt.Errorf("safetensors: tensor %s: dtype %s is not a float that is read (F64, F32, F16, BF16)", quote(t.Name),
			t.DType)
	}
	return elements(t, at)
}

// Int64s returns the elements of an integer tensor; a U64 above the largest int64 is an error.
func Int64s(t Tensor) ([]int64, error) {
	var at func(b []byte) int64
	switch t.DType {
	case Int64:
		at = func(b []byte) int64 { return int64(le.Uint64(b)) }
	case Uint64:
		at = func(b []byte) int64 { return int64(le.Uint64(b)) } // a negative result is refused below
	case Int32:
		at = func(b []byte) int64 { return int64(int32(le.Uint32(b))) }
	case Uint32:
		at = func(b []byte) int64 { return int64(le.Uint32(b)) }
	case Int16:
		at = func(b []byte) int64 { return int64(int16(le.Uint16(b))) }
	case Uint16:
		at = func(b []byte) int64 { return int64(le.Uint16(b)) }
	case Int8:
		at = func(b []byte) int64 { return int64(int8(b[0])) }
	case Uint8:
		at = func(b []byte) int64 { return int64(b[0]) }
	default:
		return nil, fmt.Errorf("safetensors: tensor %s: dtype %s is not an integer", quote(t.Name), t.DType)
	}
	list, err := elements(t, at)
	if t.DType == Uint64 {
		for i, v := range list {
			if v < 0 {
				return nil, fmt.Errorf("safetensors: tensor %s: element %d is %d, above the largest int64", quote(t.Name), i, uint64(v))
			}
		}
	}
	return list, err
}

// elements decodes a tensor whose bytes must agree with its dtype and shape.
func elements[T any](t Tensor, at func(b []byte) T) ([]T, error) {
	size, err := byteSize(t.DType, t.Shape)
	if err == nil && int64(len(t.Data)) != size {
		err = fmt.Errorf("%d bytes of data, %s %v needs %d", len(t.Data), t.DType, t.Shape, size)
	}
	if err != nil {
		return nil, fmt.Errorf("safetensors: tensor %s: %w", quote(t.Name), err)
	}
	width, _ := Width(t.DType)
	list := make([]T, len(t.Data)/width)
	for i := range list {
		list[i] = at(t.Data[i*width:])
	}
	return list, nil
}

// FromFloat32 makes an F32 tensor.
func FromFloat32(name string, shape []int, data []float32) Tensor {
	b := make([]byte, 0, 4*len(data))
	for _, v := range data {
		b = le.AppendUint32(b, math.Float32bits(v))
	}
	return Tensor{name, Float32, shape, b}
}

// FromInt64 makes an I64 tensor.
func FromInt64(name string, shape []int, data []int64) Tensor {
	b := make([]byte, 0, 8*len(data))
	for _, v := range data {
		b = le.AppendUint64(b, uint64(v))
	}
	return Tensor{name, Int64, shape, b}
}
