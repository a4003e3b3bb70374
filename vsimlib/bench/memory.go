// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"os"

	"vsim/vsimlib/backends"
)

// resetPeak sets the process's record of its own peak memory back to what it has now. It tells whether it could.
func resetPeak() bool { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil }

// memoryPeak is how much memory the measurement took at most and where the figure is from; 0 where it is not known.
func memoryPeak(info backends.Info, reset bool) (int64, string) {
	if info.Kind == backends.CUDA {
		if used := backends.GPUMemory().Used; used > 0 {
			return used, "nvidia-smi: device memory in use after the steps, which the allocator does not give back"
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
