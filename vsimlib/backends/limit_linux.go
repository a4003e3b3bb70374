// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"math"
	"syscall"
)

// addressSpace is two thirds of what the limit of this process's address space (ulimit -v) leaves, where there is one.
func addressSpace() (left int64, ok bool) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil || limit.Cur > math.MaxInt64 {
		return 0, false
	}
	return max(1, (int64(limit.Cur)-kilobytes("/proc/self/status", "VmSize"))/3*2), true
}
