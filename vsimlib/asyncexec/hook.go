// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux

package asyncexec

// #include "hook.h"
import "C"

import (
	"fmt"
	"unsafe"

	"vsim/vsimlib/pjrttable"
)

var hook pjrttable.Hook

// Use puts this package's functions into a plugin's table. An error means that all executions wait, and all else works.
func Use(plugin pjrttable.Plugin) error {
	last := max(C.index_event_await, C.index_loaded_executable_execute)
	err := hook.Into(plugin, last, func(functions unsafe.Pointer) { C.asyncexec_install((*unsafe.Pointer)(functions)) })
	if err != nil {
		return fmt.Errorf("each step waits for the one before: %w", err)
	}
	return nil
}

func begin() { C.asyncexec_begin() }
func end()   { C.asyncexec_end() }
