// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !linux

package pjrttable

import (
	"errors"
	"unsafe"
)

// Functions finds nothing: this build loads no plugins, or has no way to their tables.
func (Plugin) Functions(int) (unsafe.Pointer, error) { return nil, errors.ErrUnsupported }
