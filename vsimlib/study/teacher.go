// SPDX-License-Identifier: Apache-2.0

package study

import (
	"slices"
	"strings"
)

// TaughtBy returns a cell that an ensemble of some of the paper's members teaches, each of them under the cell's settings but the
// weight of its teacher.
func TaughtBy(c Cell, members ...int) Cell {
	own := slices.DeleteFunc(slices.Clone(c.Set), func(set string) bool {
		name, _, _ := strings.Cut(set, "=")
		return strings.TrimSpace(name) == "finetune.weight_teacher"
	})
	for _, n := range members {
		c.Teachers = append(c.Teachers, Cell{Label: Member(n), Member: n, Set: own, Tune: c.Tune})
	}
	return c
}
