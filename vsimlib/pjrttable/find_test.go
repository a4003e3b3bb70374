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

// TestHook: functions are put before those of one plugin, once.
func TestHook(t *testing.T) {
	tables := make([]struct {
		header
		functions [1]unsafe.Pointer
	}, 2)
	var hook Hook
	replaced := 0
	into := func(i, last int) error {
		tables[i].size = unsafe.Sizeof(tables[i])
		return hook.Into(Plugin{Table: unsafe.Pointer(&tables[i])}, last, func(functions unsafe.Pointer) {
			if functions != unsafe.Pointer(&tables[i].functions) {
				t.Errorf("%p, want %p", functions, &tables[i].functions)
			}
			replaced++
		})
	}
	if err := into(0, 1); err == nil || replaced != 0 {
		t.Errorf("a table that is too short: %v", err)
	}
	for range 2 {
		if err := into(0, 0); err != nil || replaced != 1 {
			t.Errorf("replaced %d times (%v)", replaced, err)
		}
	}
	if err := into(1, 0); err == nil || !strings.Contains(err.Error(), "another plugin's") || replaced != 1 {
		t.Errorf("another plugin: %v", err)
	}
}
