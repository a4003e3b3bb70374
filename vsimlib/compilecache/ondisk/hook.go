// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux

package ondisk

// #include <stdlib.h>
// #include <string.h>
// #include "hook.h"
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	"vsim/vsimlib/pjrttable"
)

var hook pjrttable.Hook

// install hooks the store into a plugin's compile function.
func install(plugin Plugin) error {
	err := hook.Into(plugin.Plugin, C.index_executable_deserialize_and_load,
		func(functions unsafe.Pointer) { C.vsim_install((*unsafe.Pointer)(functions)) })
	if err != nil {
		return fmt.Errorf("compiled programs are not kept: %w", err)
	}
	return nil
}

// vsimFind computes the program's key and looks for it. Where it is found, bytes is a copy that the caller frees.
//
//export vsimFind
func vsimFind(code *C.char, codeSize C.size_t, options *C.char, optionsSize C.size_t, version *C.char, versionSize C.size_t,
	kind *C.char, kindSize C.size_t, key *C.uchar, bytes **C.char, size *C.size_t) {
	k := programKey(view(code, codeSize), view(options, optionsSize), view(version, versionSize), view(kind, kindSize),
		[]byte(current.machine))
	copy(unsafe.Slice((*byte)(key), len(k)), k[:])
	if program, ok := current.read(k); ok {
		*bytes, *size = (*C.char)(C.CBytes(program)), C.size_t(len(program))
	}
}

// vsimLoaded counts a program that was loaded; one that the plugin refuses is removed.
//
//export vsimLoaded
func vsimLoaded(key *C.uchar, ok C.int) {
	if k := keyAt(key); ok != 0 {
		current.hits.Add(1)
	} else {
		current.remove(k)
	}
}

// vsimSave writes a compiled program.
//
//export vsimSave
func vsimSave(key unsafe.Pointer, bytes *C.char, size C.size_t) {
	current.write(keyAt((*C.uchar)(key)), view(bytes, size))
}

//export vsimNanoseconds
func vsimNanoseconds() C.int64_t { return C.int64_t(time.Since(epoch)) }

//export vsimWorthSaving
func vsimWorthSaving(nanoseconds C.int64_t) C.int {
	current.compiled.Add(1)
	if time.Duration(nanoseconds) >= worthSaving {
		return 1
	}
	return 0
}

// epoch is a moment to count from.
var epoch = time.Now()

// view returns the bytes of C memory without a copy.
func view(p *C.char, n C.size_t) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(p)), int(n)) }

func keyAt(p *C.uchar) (k key) {
	copy(k[:], unsafe.Slice((*byte)(p), len(k)))
	return k
}
