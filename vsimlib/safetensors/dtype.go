// SPDX-License-Identifier: Apache-2.0

package safetensors

// The dtypes of the format that this package reads, as they are spelled in a header.
const (
	Bool     = "BOOL"
	Uint8    = "U8"
	Int8     = "I8"
	Int16    = "I16"
	Uint16   = "U16"
	Float16  = "F16"
	BFloat16 = "BF16"
	Int32    = "I32"
	Uint32   = "U32"
	Float32  = "F32"
	Float64  = "F64"
	Int64    = "I64"
	Uint64   = "U64"
)

// dtypeInfo holds the bytes of one element and the dtype's place in the order in which the Python package lays tensors out
// (highest first), which keeps every tensor aligned to its element.
type dtypeInfo struct{ width, rank int }

var dtypes = map[string]dtypeInfo{
	Bool:     {1, 0},
	Uint8:    {1, 1},
	Int8:     {1, 2},
	Int16:    {2, 3},
	Uint16:   {2, 4},
	Float16:  {2, 5},
	BFloat16: {2, 6},
	Int32:    {4, 7},
	Uint32:   {4, 8},
	Float32:  {4, 9},
	Float64:  {8, 10},
	Int64:    {8, 11},
	Uint64:   {8, 12},
}

// Width returns the bytes of one element of a dtype, and false for a dtype that this package does not know.
func Width(dtype string) (int, bool) {
	d, ok := dtypes[dtype]
	return d.width, ok
}
