// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux

package pjrttable

// #cgo LDFLAGS: -ldl
// #define _GNU_SOURCE
// #include <dlfcn.h>
// #include <stddef.h>
// #include <stdlib.h>
//
// static void *table_of_loaded(const char *path) {
//   void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
//   void *(*get)(void) = library ? (void *(*)(void))dlsym(library, "GetPjrtApi") : NULL;
//   return get ? get() : NULL;
// }
import "C"

import (
	"errors"
	"unsafe"
)

// header is the beginning of PJRT_Api, before its functions; TestHeader compares it with the header that go-xla is built from.
type header struct {
	size      uintptr
	extension unsafe.Pointer
	version   struct {
		size         uintptr
		extension    unsafe.Pointer
		major, minor int32
	}
}

// Functions returns a pointer to the plugin's functions, an array that has at least those up to index last. Its elements may be
// replaced, before the plugin's first client is made or after.
func (p Plugin) Functions(last int) (unsafe.Pointer, error) {
	table := p.Table
	if table == nil {
		path := C.CString(p.Path)
		defer C.free(unsafe.Pointer(path))
		table = C.table_of_loaded(path)
	}
	if table == nil {
		return nil, errors.New("the plugin's table of functions is not to be found")
	}
	h := (*header)(table)
	if h.version.major != 0 || h.size < unsafe.Sizeof(*h)+uintptr(last+1)*unsafe.Sizeof(table) {
		return nil, errors.New("the plugin has another version of the PJRT API")
	}
	return unsafe.Add(table, unsafe.Sizeof(*h)), nil
}
