// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"bufio"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// PeakMemory is the most memory that this process has had resident, in bytes; 0 where the system does not tell.
func PeakMemory() int64 { return kilobytes("/proc/self/status", "VmHWM") }

// AvailableMemory is what this process may still take, in bytes, and where the figure is from; 0 where the system does not report
// it. Where nothing is left, it is 1.
// For a GPU it is what no process uses there; for the host what Linux holds available, or less where a control group or ulimit
// limits it.
func AvailableMemory(kind string) (int64, string) {
	if kind == CUDA {
		if g := GPUMemory(); g.Total > 0 {
			return max(1, g.Total-g.Used), g.Name
		}
		return 0, ""
	}
	free, source := hostMemory("/proc/meminfo", "/sys/fs/cgroup", "/proc/self/cgroup")
	if left, ok := addressSpace(); ok && (source == "" || left < free) {
		return left, AddressSpace
	}
	return free, source
}

// AddressSpace is the source of AvailableMemory where ulimit -v limits it. A process that exceeds this limit ends at once, and its
// program, the compiler and all allocators take address space too: a third is left to them.
const AddressSpace = "two thirds of what the address space has left, ulimit -v"

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

// groupLeft is what the tightest of the process's control groups has left: of version 2, of version 1's memory controller, or of
// both where a system has both; at least 1, for 0 stands for what is not known. Files that a group can drop from its cache count as
// left.
func groupLeft(root, own string) (left int64, ok bool) {
	data, _ := os.ReadFile(own) // without it the groups are the root's
	v1, v2 := ownGroups(string(data))
	for _, g := range []group{
		{filepath.Join(root, "memory"), v1, "memory.limit_in_bytes", "memory.usage_in_bytes"},
		{root, v2, "memory.max", "memory.current"},
		{filepath.Join(root, "unified"), v2, "memory.max", "memory.current"}, // where systemd mounts it besides version 1
	} {
		if here, limited := g.left(); limited && (!ok || here < left) {
			left, ok = here, true
		}
	}
	return left, ok
}

// ownGroups finds, in a process's /proc/self/cgroup, its groups of version 1's memory controller and of version 2; "/" where it has
// none.
func ownGroups(text string) (v1, v2 string) {
	v1, v2 = "/", "/"
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(fields) != 3:
		case fields[1] == "" && fields[0] == "0":
			v2 = fields[2]
		case slices.Contains(strings.Split(fields[1], ","), "memory"):
			v1 = fields[2]
		}
	}
	return v1, v2
}

// group is a control group: where its version is mounted, its path in it, and the names of the files with its limit and its use.
type group struct{ mount, path, limit, usage string }

// left is what the tightest of the group and those above it has left.
func (g group) left() (left int64, ok bool) {
	for path := filepath.Join("/", g.path); ; path = filepath.Dir(path) {
		dir := filepath.Join(g.mount, path)
		limit, used := number(filepath.Join(dir, g.limit)), number(filepath.Join(dir, g.usage))
		if limit > 0 && limit < 1<<60 { // neither "max" nor version 1's word for it
			if here := max(1, limit-used+field(filepath.Join(dir, "memory.stat"), "inactive_file")); !ok || here < left {
				left, ok = here, true
			}
		}
		if path == "/" {
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
	return fieldOf(f, name)
}

// fieldOf is field for an open file.
func fieldOf(f io.Reader, name string) int64 {
	for scan := bufio.NewScanner(f); scan.Scan(); {
		if fields := strings.Fields(scan.Text()); len(fields) >= 2 && strings.TrimSuffix(fields[0], ":") == name {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return max(0, n)
		}
	}
	return 0
}

// kilobytes is field in bytes, for files of /proc that count in kB.
func kilobytes(path, name string) int64 { return min(field(path, name), math.MaxInt64>>10) << 10 }
