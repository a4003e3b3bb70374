// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux

package pjrttable

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"vsim/vsimlib/pjrttable/pjrttabletest"
)

// TestHeader compares the beginning of the table with the header that go-xla is built from.
func TestHeader(t *testing.T) {
	var h header
	source := "#include \"pjrt_c_api.h\"\n"
	for field, offset := range map[string]uintptr{
		"struct_size": unsafe.Offsetof(h.size), "PJRT_Error_Destroy": unsafe.Sizeof(h),
		"pjrt_api_version.major_version": unsafe.Offsetof(h.version) + unsafe.Offsetof(h.version.major),
	} {
		source += fmt.Sprintf("_Static_assert(offsetof(PJRT_Api, %s) == %d, %q);\n", field, offset, field)
	}
	if out, err := pjrttabletest.Compiles(t, source); err != nil {
		t.Errorf("%s", out)
	}
	if unsafe.Sizeof(h) != pjrttabletest.Before {
		t.Errorf("%d bytes before the functions, want %d", unsafe.Sizeof(h), pjrttabletest.Before)
	}
}

// TestFunctions: a table that is too short, or of another version, is refused, and so is a path that no plugin was loaded from.
func TestFunctions(t *testing.T) {
	var table struct {
		header
		functions [3]unsafe.Pointer
	}
	table.size = unsafe.Sizeof(table)
	p := Plugin{Table: unsafe.Pointer(&table)}
	if got, err := p.Functions(2); err != nil || got != unsafe.Pointer(&table.functions) {
		t.Errorf("%p (%v), want %p", got, err, &table.functions)
	}
	if _, err := p.Functions(3); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("a table of three functions: %v", err)
	}
	table.version.major = 1
	if _, err := p.Functions(2); err == nil {
		t.Error("a table of version 1 is accepted")
	}
	if _, err := (Plugin{Path: "/none"}).Functions(2); err == nil || !strings.Contains(err.Error(), "not to be found") {
		t.Errorf("no plugin: %v", err)
	}
}
