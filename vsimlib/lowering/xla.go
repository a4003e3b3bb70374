// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package lowering

import (
	"errors"
	"reflect"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// unplugged returns go-xla's backend with a plugin that is neither the CPU's nor CUDA's and cannot compile; it can build programs.
//
// It sets private fields of another module: go-xla v0.4.1 refuses to build programs without the field "plugin", of which building
// reads no more than the name. With a constructor of go-xla's backend without a plugin this function could go. TestLower fails
// where the fields are gone.
func unplugged() (compute.Backend, error) {
	b := &xla.Backend{}
	values := map[string]any{"plugin": &pjrt.Plugin{}, "numDevices": 1, "capabilities": xla.Capabilities.Clone()}
	for name, value := range values {
		field := reflect.ValueOf(b).Elem().FieldByName(name)
		if !field.IsValid() || field.Type() != reflect.TypeOf(value) {
			return nil, errors.New("lowering: go-xla's backend has no field " + name)
		}
		reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(value))
	}
	return b, nil
}
