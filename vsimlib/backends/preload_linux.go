// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla

package backends

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
import "C"

import "unsafe"

// preload loads a shared library for good, so that who asks for it by its name gets this one. Where that cannot be, the plugin says
// what it lacks.
func preload(path string) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	C.dlopen(name, C.RTLD_NOW|C.RTLD_GLOBAL)
}
