// SPDX-License-Identifier: Apache-2.0

package bench

import "golang.org/x/sys/unix"

// processorTime is the processor seconds that this process has used; 0 where they are unknown.
func processorTime() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
