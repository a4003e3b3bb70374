// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !linux || !amd64

package backends

import (
	"errors"
	"unsafe"
)

// loadPinned cannot be called where plugin.Path finds no plugin for this platform.
func loadPinned(string) (config string, checked bool, err error) {
	return "", true, errors.ErrUnsupported
}

func pinnedTable() unsafe.Pointer { return nil }
