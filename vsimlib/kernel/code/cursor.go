// SPDX-License-Identifier: Apache-2.0

package code

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// Front ends count characters where a cursor is, as the protocol wants it, and GoNB counts units of UTF-16, of which one beyond
// U+FFFF, as most emoji, has two.

// ToUnits is a position in code, counted in characters, in units of UTF-16. One outside the code is moved to its end.
func ToUnits(code string, at int) (units int) {
	for _, r := range []rune(code)[:Inside(code, at)] {
		units += utf16.RuneLen(r)
	}
	return units
}

// ToCharacters is a position in units of UTF-16, counted in characters.
func ToCharacters(code string, units int) (at int) {
	for _, r := range code {
		if units -= utf16.RuneLen(r); units < 0 {
			break
		}
		at++
	}
	return at
}

// Inside is the position in code that is next to at.
func Inside(code string, at int) int { return max(0, min(at, len([]rune(code)))) }

// Named is the position of the name that a cursor in Go code asks about: one that it is at, one left of it, or, from among the
// arguments of a call, that of the function. GoNB looks for it too, and does not end where there is none; from the name itself it
// looks no further. ok is false where there is none.
func Named(code string, at int) (position int, ok bool) {
	text := goOnly(code)
	for at = min(Inside(code, at), len(text)-1); at >= 0; at-- {
		switch r := text[at]; {
		case r == ',' || r == ')':
			if open := opening(text, at); open >= 0 {
				at = open
			}
		case unicode.IsSpace(r) || strings.ContainsRune("({}[]\"'`", r):
		default:
			return at, true
		}
	}
	return 0, false
}

// opening is the position of the bracket that is open at a comma, or that a bracket closes; -1 where there is none.
func opening(text []rune, at int) int {
	depth := 1
	for at--; at >= 0; at-- {
		switch text[at] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth == 0 {
				return at
			}
		}
	}
	return -1
}

// goOnly is code with blanks in place of commands to GoNB.
func goOnly(code string) []rune {
	lines := strings.Split(code, "\n")
	for _, command := range commands(lines) {
		for i := command[0]; i < command[1]; i++ {
			lines[i] = strings.Repeat(" ", len([]rune(lines[i])))
		}
	}
	return []rune(strings.Join(lines, "\n"))
}

// InCommand reports whether a cursor is in a command to GoNB, which tells of those.
func InCommand(code string, at int) bool {
	before := string([]rune(code)[:Inside(code, at)])
	line := strings.Count(before, "\n")
	lines := strings.Split(code, "\n")
	for _, command := range commands(lines) {
		if command[0] <= line && line < command[1] {
			return true
		}
	}
	return otherLanguage(strings.TrimPrefix(lines[0], Comment))
}
