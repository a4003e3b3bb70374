// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package kernel

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// processes is the table of processes, as ps has it.
func processes() []process {
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "comm=").Output()
	if err != nil {
		return nil
	}
	var table []process
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		pid, err := strconv.Atoi(fields[0])
		parent, parentErr := strconv.Atoi(fields[1])
		if err == nil && parentErr == nil {
			table = append(table, process{pid, parent, filepath.Base(strings.Join(fields[2:], " "))})
		}
	}
	return table
}

// writesTo would report whether the output of a process goes to a pipe of another, which ps does not say.
func writesTo(int, int) bool { return false }
