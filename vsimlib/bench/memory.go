// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"os"

	"vsim/vsimlib/backends"
)

// resetPeak resets the process's record of its own peak memory to its current memory. It reports whether it could.
func resetPeak() bool { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil }

// memoryPeak is the most memory that the measurement took and the source of the figure; 0 where it is unknown.
func memoryPeak(info backends.Info, reset bool) (int64, string) {
	if info.Kind == backends.CUDA {
		if used := backends.GPUMemory().Used; used > 0 {
			return used, "nvidia-smi: device memory in use after the steps, which the allocator does not return"
		}
		return 0, ""
	}
	peak := backends.PeakMemory()
	switch {
	case peak == 0:
		return 0, ""
	case reset:
		return peak, "VmHWM of the process"
	}
	return peak, "VmHWM of the process since its start"
}
