// SPDX-License-Identifier: Apache-2.0

package vsimlib

import (
	"bufio"
	"go/ast"
	"go/parser"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxLine is the length of a Go line in characters, a tab counted as one (.editorconfig has the same number).
const maxLine = 132

// A line may be longer in generated files, and in tests if it has a string literal of 60 characters or more or is inside of one.
var longLiteral = regexp.MustCompile("\"[^\"]{60,}\"|`[^`]{60,}`?")

// tooLong reports whether a line is too long.
func tooLong(line string, test bool) bool {
	return utf8.RuneCountInString(line) > maxLine && !(test && longLiteral.MatchString(line))
}

// TestLineLength checks the length of lines in Go files.
func TestLineLength(t *testing.T) {
	editor := readFile(t, ".editorconfig")
	if !strings.Contains(editor, "max_line_length = "+strconv.Itoa(maxLine)+"\n") {
		t.Errorf(".editorconfig has another length than %d", maxLine)
	}
	for _, s := range sources(t, parser.SkipObjectResolution) {
		checkLines(t, "vsimlib/"+s.path, s.test, rawLines(s))
	}
	for _, path := range glob(t, "docker/*/*.go", "docker/*/*/*.go") {
		checkLines(t, path, strings.HasSuffix(path, "_test.go"), nil)
	}
}

// checkLines checks a file; inside are its lines that are part of a raw string literal.
func checkLines(t *testing.T, path string, test bool, inside map[int]bool) {
	t.Helper()
	data := readFile(t, path)
	if strings.Contains(data, "// Code generated ") {
		return
	}
	scan := bufio.NewScanner(strings.NewReader(data))
	for number := 1; scan.Scan(); number++ {
		if line := scan.Text(); tooLong(line, test) && !(test && inside[number]) {
			t.Errorf("%s:%d: %d characters, want at most %d", path, number, utf8.RuneCountInString(line), maxLine)
		}
	}
	if err := scan.Err(); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// rawLines are the lines of raw string literals of several lines.
func rawLines(s source) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && strings.HasPrefix(literal.Value, "`") {
			first := s.fset.Position(literal.Pos()).Line
			for i := range strings.Count(literal.Value, "\n") {
				lines[first+i], lines[first+i+1] = true, true
			}
		}
		return true
	})
	return lines
}

// TestLineLengthCanFail plants a long line.
func TestLineLengthCanFail(t *testing.T) {
	long := strings.Repeat("é", maxLine+1)
	if !tooLong(long, false) || tooLong(long[:2*maxLine], false) || !tooLong("x := `"+long+"`", false) ||
		tooLong("x := `"+long+"`", true) {
		t.Error("the rule does not hold")
	}
}
