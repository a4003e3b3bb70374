// SPDX-License-Identifier: Apache-2.0

package pjrttable

import (
	"errors"
	"unsafe"
)

// Hook puts functions of a package before those of a plugin: of one in a process.
type Hook struct{ functions unsafe.Pointer }

// Into calls replace with the plugin's functions, which has at least those up to index last, unless it has done so before.
func (h *Hook) Into(p Plugin, last int, replace func(functions unsafe.Pointer)) error {
	functions, err := p.Functions(last)
	switch {
	case err != nil:
		return err
	case h.functions == nil:
		h.functions = functions
		replace(functions)
	case h.functions != functions:
		return errors.New("another plugin's are in this process")
	}
	return nil
}
