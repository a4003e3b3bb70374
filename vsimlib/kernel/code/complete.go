// SPDX-License-Identifier: Apache-2.0

package code

import (
	"go/scanner"
	"go/token"
	"strings"
)

// States of a cell for a console, which asks before it sends one.
const (
	complete   = "complete"
	incomplete = "incomplete"
	invalid    = "invalid"
)

// IsComplete reports whether a console should execute a cell or let its user write on, with the indent of the next line. Brackets,
// texts and comments that are open, and a line that ends in an operator or comma, ask for more.
func IsComplete(code string) (status, indent string) {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		line = strings.TrimPrefix(line, Comment)
		switch {
		case i == 0 && otherLanguage(line):
			return complete, ""
		case strings.HasPrefix(line, "%"), strings.HasPrefix(line, "!"):
			if strings.HasSuffix(line, "\\") && i == len(lines)-1 {
				return incomplete, ""
			}
			lines[i] = ""
		}
	}
	return goComplete(strings.Join(lines, "\n"))
}

// otherLanguage reports whether a cell's first line makes it one of another language.
func otherLanguage(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	switch word {
	case "%%writefile", "%%script", "%%bash", "%%sh", "%%gx":
		return true
	}
	return false
}

// goComplete is IsComplete of Go alone.
func goComplete(code string) (status, indent string) {
	open, depth := false, 0
	var s scanner.Scanner
	files := token.NewFileSet()
	s.Init(files.AddFile("", files.Base(), len(code)), []byte(code), func(_ token.Position, what string) {
		open = open || strings.Contains(what, "raw string literal not terminated") || strings.Contains(what, "comment not terminated")
	}, 0)
	last := token.SEMICOLON
	for {
		_, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		switch tok {
		case token.LBRACE, token.LBRACK, token.LPAREN:
			depth++
		case token.RBRACE, token.RBRACK, token.RPAREN:
			if depth--; depth < 0 {
				return invalid, ""
			}
		}
		if tok != token.SEMICOLON || text == ";" {
			last = tok
		}
	}
	switch {
	case open:
		return incomplete, ""
	case depth > 0:
		return incomplete, strings.Repeat("\t", depth)
	case goesOn(last):
		return incomplete, "\t"
	}
	return complete, ""
}

// goesOn reports whether an expression cannot end with this token.
func goesOn(last token.Token) bool {
	switch last {
	case token.INC, token.DEC, token.SEMICOLON, token.RBRACE, token.RBRACK, token.RPAREN, token.ELLIPSIS, token.TILDE:
		return false
	}
	return last.IsOperator()
}
