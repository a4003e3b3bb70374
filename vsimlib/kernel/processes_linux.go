// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processes is the table of processes, as /proc has it.
func processes() []process {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	var table []process
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		if p, ok := parseStat(string(data)); ok {
			table = append(table, p)
		}
	}
	return table
}

// parseStat reads "pid (name) state parent …"; a name may hold anything, brackets too.
func parseStat(line string) (process, bool) {
	begin, end := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	if begin < 0 || end < begin {
		return process{}, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line[:begin]))
	fields := strings.Fields(line[end+1:])
	if err != nil || len(fields) < 2 {
		return process{}, false
	}
	parent, err := strconv.Atoi(fields[1])
	return process{pid, parent, line[begin+1 : end]}, err == nil
}

// writesTo reports whether the output of a process goes to a pipe of another, but for those that are that one's own output.
func writesTo(pid, reader int) bool {
	pipes := map[string]bool{}
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(reader) + "/fd/*")
	for _, file := range files {
		target, err := os.Readlink(file)
		if fd, _ := strconv.Atoi(filepath.Base(file)); err == nil && fd > 2 && strings.HasPrefix(target, "pipe:") {
			pipes[target] = true
		}
	}
	for fd := range 3 {
		own, _ := os.Readlink("/proc/" + strconv.Itoa(reader) + "/fd/" + strconv.Itoa(fd))
		delete(pipes, own)
	}
	for fd := 1; fd <= 2; fd++ {
		if target, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/fd/" + strconv.Itoa(fd)); err == nil && pipes[target] {
			return true
		}
	}
	return false
}
