// SPDX-License-Identifier: Apache-2.0

package asyncexec

import (
	_ "embed"
	"testing"

	"vsim/vsimlib/pjrttable/pjrttabletest"
)

//go:embed hook.h
var header string

// TestHeader compares hook.h with the header that go-xla is built from.
func TestHeader(t *testing.T) {
	pjrttabletest.Compare(t, "hook.h", header,
		map[string]string{"await_args": "PJRT_Event_Await_Args", "execute_args": "PJRT_LoadedExecutable_Execute_Args"},
		map[string]string{"event_await": "PJRT_Event_Await", "loaded_executable_execute": "PJRT_LoadedExecutable_Execute"})
}
