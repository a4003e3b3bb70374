// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"math"
	"os"
	"runtime/debug"
	"syscall"
)

const tunablesEnv = "GLIBC_TUNABLES"

// tunables make glibc keep the memory that XLA:CPU frees after each step and takes again in the next one, and ask for huge pages.
// As glibc starts out, every large array is a mapping of its own: 100,000 page faults a step of a small model, a tenth of its time.
// For arrays of largeArray and more, mapLargeArrays makes that so again.
const tunables = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=1099511627776:glibc.malloc.arena_max=1"

// KeepMemory starts the program anew, in the same process, with glibc's allocator set for XLA's way with memory; glibc reads its
// settings before a program begins. It returns where they are set already, by itself or the user, or where that cannot be. Children
// inherit the settings. Call it first in main.
//
// Where the address space is limited (ulimit -v), an allocation beyond the limit ends the program, which nothing can catch: there,
// Go's heap is collected at half of the limit, unless the user's GOMEMLIMIT says otherwise.
func KeepMemory() {
	if limit, ok := addressSpace(); ok && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 2)
	}
	if now, set := os.LookupEnv(tunablesEnv); set {
		if now == tunables {
			mapLargeArrays()
		}
		return
	}
	path, err := os.Executable()
	if err != nil {
		return
	}
	_ = syscall.Exec(path, os.Args, append(os.Environ(), tunablesEnv+"="+tunables)) // an error: on as we are
}

// Memory is the variable of the environment, and its value, with which KeepMemory does not start a program anew: that of its
// children.
func Memory() (name, value string) { return tunablesEnv, tunables }

// addressSpace is the limit of this process's address space (ulimit -v), where there is one.
func addressSpace() (limit int64, ok bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &r); err != nil || r.Cur > math.MaxInt64 {
		return 0, false
	}
	return int64(r.Cur), true
}
