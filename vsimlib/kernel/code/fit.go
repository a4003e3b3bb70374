// SPDX-License-Identifier: Apache-2.0

// Package code is what the kernel knows of a cell's code without GoNB: whether it is complete, what GoNB would end of, and which
// name a cursor is at.
package code

import (
	"fmt"
	"slices"
	"strings"
)

// Comment may stand before a command to GoNB, for editors that know Go alone.
const Comment = "//gonb:"

// commands finds the lines of a cell that are commands to GoNB: those that begin with % or !, and those that they go on in. Of each
// command it has the first line and the one behind the last.
func commands(lines []string) (found [][2]int) {
	for i := 0; i < len(lines); i++ {
		line := strings.TrimPrefix(lines[i], Comment)
		if len(line) < 2 || line[0] != '%' && line[0] != '!' {
			continue
		}
		first := i
		for strings.HasSuffix(lines[i], `\`) && i+1 < len(lines) {
			i++
		}
		found = append(found, [2]int{first, i + 1})
	}
	return found
}

// Unfit says why GoNB would end of a cell, "" where it would not: of a command that is blank.
func Unfit(code string) string {
	lines := strings.Split(code, "\n")
	words := strings.Fields(strings.TrimPrefix(lines[0], Comment))
	switch {
	case slices.Equal(words, []string{"%%script"}):
		return "line 1: %%script names no program; write one behind it, as in %%script python3"
	case len(words) > 0 && otherLanguage(words[0]):
		return ""
	}
	for _, command := range commands(lines) {
		text := ""
		for _, line := range lines[command[0]:command[1]] {
			text += strings.TrimSuffix(strings.TrimPrefix(line, Comment), `\`) + " "
		}
		if strings.Trim(text[1:], " \t") == "" {
			return fmt.Sprintf("line %d: %q is no command; write one behind it, or remove the line", command[0]+1, lines[command[0]])
		}
	}
	return ""
}
