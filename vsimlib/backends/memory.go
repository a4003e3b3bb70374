// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// PeakMemory is the most memory that this process has had resident, in bytes; 0 where the system does not tell.
func PeakMemory() int64 { return kilobytes("/proc/self/status", "VmHWM") }

// AvailableMemory is what this process may still take, in bytes, and where the figure is from; 0 where the system does not tell.
// For a GPU it is what no process uses there; for the host what Linux holds available, or less where a control group limits it.
func AvailableMemory(kind string) (int64, string) {
	if kind == CUDA {
		if g := GPUMemory(); g.Total > 0 {
			return g.Total - g.Used, g.Name
		}
		return 0, ""
	}
	return hostMemory("/proc/meminfo", "/sys/fs/cgroup", "/proc/self/cgroup")
}

func hostMemory(meminfo, groups, own string) (int64, string) {
	free, source := kilobytes(meminfo, "MemAvailable"), "MemAvailable"
	if left, ok := groupLeft(groups, own); ok && (free == 0 || left < free) {
		return left, "the control group's limit"
	}
	if free == 0 {
		return 0, ""
	}
	return free, source
}

// groupLeft is what the tightest of the process's control groups (version 2, or version 1's memory controller) has left; files that
// it can drop from its cache count as left.
func groupLeft(root, own string) (left int64, ok bool) {
	path := "/"
	if data, err := os.ReadFile(own); err == nil {
		for line := range strings.Lines(string(data)) {
			if fields := strings.SplitN(strings.TrimSpace(line), ":", 3); len(fields) == 3 && (fields[1] == "" || fields[1] == "memory") {
				path = fields[2]
			}
		}
	}
	for ; ; path = filepath.Dir(path) {
		for _, names := range [][3]string{
			{filepath.Join(root, path, "memory.max"), filepath.Join(root, path, "memory.current"), filepath.Join(root, path, "memory.stat")},
			{filepath.Join(root, "memory", path, "memory.limit_in_bytes"), filepath.Join(root, "memory", path, "memory.usage_in_bytes"),
				filepath.Join(root, "memory", path, "memory.stat")},
		} {
			limit, used := number(names[0]), number(names[1])
			if limit <= 0 || limit >= 1<<60 { // "max" or version 1's word for it
				continue
			}
			if here := max(0, limit-used+field(names[2], "inactive_file")); !ok || here < left {
				left, ok = here, true
			}
		}
		if path == "/" || path == "." {
			return left, ok
		}
	}
}

// number is a file's content as a whole number, or 0.
func number(path string) int64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// field is the number after "name " in a file of such lines, or 0.
func field(path, name string) int64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	for scan := bufio.NewScanner(f); scan.Scan(); {
		if fields := strings.Fields(scan.Text()); len(fields) >= 2 && strings.TrimSuffix(fields[0], ":") == name {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}

// kilobytes is field in bytes, for files of /proc that count in kB.
func kilobytes(path, name string) int64 { return field(path, name) << 10 }
