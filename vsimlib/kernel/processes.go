// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"slices"
	"strings"
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
