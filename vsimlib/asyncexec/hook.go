// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux

package asyncexec

// #include "hook.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"vsim/vsimlib/pjrttable"
)

// Use puts this package's functions into a plugin's table. An error means that all executions wait, and all else works.
func Use(plugin pjrttable.Plugin) error {
	functions, err := plugin.Functions(max(C.index_event_await, C.index_loaded_executable_execute))
	if err == nil && C.asyncexec_install((*unsafe.Pointer)(functions)) == 0 {
		err = errors.New("another plugin's are in this process")
	}
	if err != nil {
		return fmt.Errorf("each step waits for the one before: %w", err)
	}
	return nil
}

func begin() { C.asyncexec_begin() }
func end()   { C.asyncexec_end() }
