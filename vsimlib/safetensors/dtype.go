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

// dtypeInfo holds the bytes of one element and the dtype's position in the order in which the Python package lays tensors out
// (highest first), which keeps every tensor aligned to its element.
type dtypeInfo struct{ width, rank int }

// dtypes are all dtypes of whole bytes that safetensors 0.8 knows. Those without a constant above are opaque: a file may hold such
// tensors and they can be read as bytes, but nothing here makes numbers of them.
var dtypes = map[string]dtypeInfo{
	Bool:          {1, 0},
	Uint8:         {1, 1},
	Int8:          {1, 2},
	"F8_E5M2":     {1, 3},
	"F8_E4M3":     {1, 4},
	"F8_E8M0":     {1, 5},
	"F8_E5M2FNUZ": {1, 6},
	"F8_E4M3FNUZ": {1, 7},
	Int16:         {2, 8},
	Uint16:        {2, 9},
	Float16:       {2, 10},
	BFloat16:      {2, 11},
	Int32:         {4, 12},
	Uint32:        {4, 13},
	Float32:       {4, 14},
	"C64":         {8, 15},
	Float64:       {8, 16},
	Int64:         {8, 17},
	Uint64:        {8, 18},
}

// Width returns the bytes of one element of a dtype, and false for a dtype that this package does not know.
func Width(dtype string) (int, bool) {
	d, ok := dtypes[dtype]
	return d.width, ok
}
