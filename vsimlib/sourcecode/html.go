// SPDX-License-Identifier: Apache-2.0

package sourcecode

import (
	"fmt"
	"go/scanner"
	"go/token"
	"html"
	"strings"

	"vsim/vsimlib/text"
)

// Colours of JupyterLab's editor, which follow its theme; elsewhere such as can be read on white and on black.
const (
	keywordColor = "var(--jp-mirror-editor-keyword-color,#8a63d2)"
	commentColor = "var(--jp-mirror-editor-comment-color,#5f8777)"
	stringColor  = "var(--jp-mirror-editor-string-color,#c0563b)"
	numberColor  = "var(--jp-mirror-editor-number-color,#2f8a4c)"
	nameColor    = "var(--jp-mirror-editor-def-color,#2a7fd4)"
)

// title names the declaration, and its file and line.
func (s Source) title() string { return fmt.Sprintf("%s — %s:%d", s.Name, s.File, s.Line) }

// String is the source as text.
func (s Source) String() string {
	head := s.title() + "\n"
	if s.Note != "" {
		head += s.Note + "\n"
	}
	return head + s.spaced() + "\n"
}

// spaced is the code with spaces for tabs, and nothing that steers a screen.
func (s Source) spaced() string { return text.CleanLines(strings.ReplaceAll(s.Code, "\t", "    ")) }

// HTML is the source as a fold, closed, with colours.
func (s Source) HTML() string {
	name, where, _ := strings.Cut(s.title(), " — ")
	note := ""
	if s.Note != "" {
		note = "<p>" + html.EscapeString(s.Note) + "</p>"
	}
	return "<details><summary><code>" + html.EscapeString(name) + "</code> " + html.EscapeString(where) + "</summary>" + note +
		`<pre style="overflow-x:auto;line-height:1.35"><code>` + highlight(s.spaced(), s.Name) + "</code></pre></details>"
}

// highlight escapes Go code and puts its tokens into colours; name is that of the declaration.
func highlight(code, name string) string {
	name = name[strings.LastIndex(name, ".")+1:]
	var scan scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(code))
	scan.Init(file, []byte(code), nil, scanner.ScanComments)
	var out strings.Builder
	at := 0
	for {
		pos, kind, literal := scan.Scan()
		if kind == token.EOF {
			break
		}
		if literal == "" || literal == "\n" { // an operator, or a semicolon that is not in the text
			continue
		}
		start := file.Offset(pos)
		out.WriteString(html.EscapeString(code[at:start]))
		at = min(len(code), start+len(literal))
		out.WriteString(colored(code[start:at], color(kind, literal, name)))
	}
	return out.String() + html.EscapeString(code[at:])
}

// color is that of a token, "" for the text's own.
func color(kind token.Token, literal, name string) string {
	switch {
	case kind.IsKeyword():
		return keywordColor
	case kind == token.COMMENT:
		return commentColor
	case kind == token.STRING || kind == token.CHAR:
		return stringColor
	case kind == token.INT || kind == token.FLOAT || kind == token.IMAG:
		return numberColor
	case kind == token.IDENT && literal == name:
		return nameColor
	}
	return ""
}

func colored(s, color string) string {
	if color == "" {
		return html.EscapeString(s)
	}
	return `<span style="color:` + color + `">` + html.EscapeString(s) + "</span>"
}
