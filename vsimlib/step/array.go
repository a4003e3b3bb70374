// SPDX-License-Identifier: Apache-2.0

package step

import (
	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
)

// array is one input of a program: a tensor on the host or on one device, or a distributed one on several.
type array struct {
	name  string
	rows  bool // as in batch.Field
	value any  // nil where only the kind of array matters
}

// arraysOf returns the arrays that fields hold, in their order.
func arraysOf(fields []batch.Field[*tensors.Tensor]) []array {
	list := make([]array, len(fields))
	for i, f := range fields {
		list[i] = array{f.Name, f.Rows, *f.At}
	}
	return list
}

// values are the arrays as model.Exec takes them.
func values(arrays []array) []any {
	list := make([]any, len(arrays))
	for i, a := range arrays {
		list[i] = a.value
	}
	return list
}

// free releases the memory of arrays at once; Go's collector does not see the memory of a device.
func free(arrays []array) error {
	for _, a := range arrays {
		if err := a.value.(interface{ FinalizeAll() error }).FinalizeAll(); err != nil {
			return err
		}
	}
	return nil
}
