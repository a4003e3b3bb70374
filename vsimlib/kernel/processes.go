// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"strings"
	"syscall"
)

// process is one line of the table of processes.
type process struct {
	pid, parent int
	name        string
}

// toInterrupt picks, of all processes, those that an interrupt has to reach and GoNB does not pass it on to. GoNB signals the
// program of a cell and the shell of a `!` line, and nothing while it compiles: so go and goimports get the signal, and all
// that they, or a shell, have started. The program's own children are the program's affair, and gopls is not at work on the
// cell.
func toInterrupt(table []process, gonb int) []int {
	children := map[int][]process{}
	for _, p := range table {
		children[p.parent] = append(children[p.parent], p)
	}
	var picked []int
	var below func(pid int)
	below = func(pid int) {
		for _, child := range children[pid] {
			if !slices.Contains(picked, child.pid) {
				picked = append(picked, child.pid)
				below(child.pid)
			}
		}
	}
	for _, child := range children[gonb] {
		switch {
		case child.name == "gopls", strings.HasPrefix(child.name, "gonb_"):
		case child.name == "go", child.name == "goimports":
			picked = append(picked, child.pid)
			below(child.pid)
		default:
			below(child.pid)
		}
	}
	return picked
}

// leftBehind picks the processes of a cell that outlive its program or shell and hold its output, for whose end GoNB waits: they
// are in its group, which it leads, and below it no more. An interrupt does not end them: a shell lets what it starts in the
// background ignore it.
func leftBehind(table []process, gonb int) []int {
	parents := map[int]int{}
	for _, p := range table {
		parents[p.pid] = p.parent
	}
	below := func(pid int) bool {
		for range table { // at most: a table that was read while it changed may have loops
			if pid == gonb {
				return true
			}
			pid = parents[pid]
		}
		return false
	}
	var orphans []int
	for _, p := range table {
		if group, err := syscall.Getpgid(p.pid); err == nil && group == gonb && !below(p.pid) {
			orphans = append(orphans, p.pid)
		}
	}
	return slices.DeleteFunc(orphans, func(pid int) bool { return !writesTo(pid, gonb) })
}
