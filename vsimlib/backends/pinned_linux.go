// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && amd64

package backends

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
//
// // load returns the plugin's table of functions, or NULL and the loader's message.
// static void *load(const char *path, const char **message) {
//   *message = "";
//   void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
//   void *(*table)(void) = library ? (void *(*)(void))dlsym(library, "GetPjrtApi") : NULL;
//   void *api = table ? table() : NULL;
//   if (!api) {
//     const char *reason = dlerror();
//     *message = reason ? reason : "it gives no functions";
//   }
//   return api;
// }
import "C"

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"

	"vsim/vsimlib/plugin"
)

// pinnedConfig names the pinned plugin to go-xla once it is loaded. go-xla takes an absolute path as it is, and a plugin for CPU by
// the word in its name.
const pinnedConfig = "/pinned/pjrt_c_api_cpu_plugin.so"

// loaded is the pinned plugin's file once it was loaded. It stays open for good: the loader knows a library by the path that it was
// loaded by, and another file under the same descriptor would be taken for it.
var loaded struct {
	sync.Mutex
	file  *os.File
	table unsafe.Pointer
	err   error // of loading it
}

// pinnedTable returns the pinned plugin's table of functions once it was loaded.
func pinnedTable() unsafe.Pointer {
	loaded.Lock()
	defer loaded.Unlock()
	return loaded.table
}

// loadPinned checks a copy of the pinned plugin and loads it from the open file: the one that was checked, whatever the path leads
// to by now. A second call checks again, and loads nothing: all copies have the same bytes. It returns go-xla's name of the
// plugin; checked is false where the error is of the check.
//
// The plugin needs libraries of the system alone. One that looks for others in its own folder ($ORIGIN) cannot be loaded so: that
// folder is /proc/self/fd.
func loadPinned(path string) (config string, checked bool, err error) {
	loaded.Lock()
	defer loaded.Unlock()
	file, err := plugin.Open(path)
	if err != nil {
		return "", false, err
	}
	if loaded.file != nil {
		_ = file.Close()
		return pinnedConfig, true, loaded.err
	}
	loaded.file = file
	loaded.table, err = loadOpen(file)
	if err == nil {
		err = pjrt.RegisterPreloadedPlugin(pinnedConfig, uintptr(loaded.table))
	}
	if err != nil {
		loaded.err = fmt.Errorf("cannot be loaded: %s", firstLine(err.Error()))
	}
	return pinnedConfig, true, loaded.err
}

// loadOpen loads a plugin from an open file, which must stay open, and returns its table of functions.
func loadOpen(file *os.File) (table unsafe.Pointer, err error) {
	name := C.CString(fmt.Sprintf("/proc/self/fd/%d", file.Fd()))
	defer C.free(unsafe.Pointer(name))
	var message *C.char
	if table = C.load(name, &message); table == nil {
		return nil, errors.New(C.GoString(message))
	}
	return table, nil
}
