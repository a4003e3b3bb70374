// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"text/tabwriter"

	"vsim/vsimlib/text"
)

// Cell is one value of a table. Number aligns it to the right.
type Cell struct {
	Text   string
	Number bool
}

// HTML is what notebooks show as HTML, and a terminal as text.
type HTML interface {
	HTML() string
	String() string
}

// Table is rows of cells under a header. Without a header, a row is a name and its value.
type Table struct {
	Header []string
	Rows   [][]Cell
}

// Words makes a cell of text.
func Words(text string) Cell { return Cell{Text: text} }

// Number makes a cell of a number.
func Number(text string) Cell { return Cell{Text: text, Number: true} }

// HTML renders the table as HTML; every text is escaped.
func (t Table) HTML() string {
	var b strings.Builder
	b.WriteString("<table>\n")
	if t.Header != nil {
		b.WriteString("<tr>")
		for i, name := range t.Header {
			b.WriteString("<th" + t.style(i) + ">" + EscapeHTML(name) + "</th>")
		}
		b.WriteString("</tr>\n")
	}
	for _, row := range t.Rows {
		b.WriteString("<tr>")
		for i, c := range row {
			words := EscapeHTML(c.Text)
			if t.numeric(i) {
				words = strings.ReplaceAll(words, " ", "\u00a0") // an interval stays in one line
			} else {
				words = longName.ReplaceAllStringFunc(words, breaks.Replace)
			}
			b.WriteString("<td" + t.style(i) + ">" + words + "</td>")
		}
		b.WriteString("</tr>\n")
	}
	return b.String() + "</table>"
}

// longName is a word that makes a column wide, such as the name of a setting with its value.
var longName = regexp.MustCompile(`[a-z_.=0-9]{24,}`)

// breaks lets a line end inside a long name.
var breaks = strings.NewReplacer("_", "_<wbr/>", "=", "=<wbr/>")

// style aligns a column of numbers to the right, any other to the left, in the two ways of which every viewer honours at least one.
func (t Table) style(column int) string {
	if t.numeric(column) {
		return ` align="right" style="text-align:right"`
	}
	return ` align="left" style="text-align:left"`
}

// numeric reports whether a column holds numbers only.
func (t Table) numeric(column int) bool {
	for _, row := range t.Rows {
		if column < len(row) && !row[column].Number {
			return false
		}
	}
	return true
}

// String renders the table as text, its columns aligned.
func (t Table) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	if t.Header != nil {
		_, _ = fmt.Fprintln(w, strings.Join(t.Header, "\t"))
	}
	for _, row := range t.Rows {
		var texts []string
		for _, c := range row {
			texts = append(texts, text.Clean(c.Text))
		}
		_, _ = fmt.Fprintln(w, strings.Join(texts, "\t"))
	}
	_ = w.Flush()
	return b.String()
}

// Markdown renders the table as a Markdown table, its columns of numbers aligned to the right.
func (t Table) Markdown() string {
	rule := "|"
	for i := range t.Header {
		if t.numeric(i) {
			rule += "--:|"
		} else {
			rule += "---|"
		}
	}
	return t.markdown(rule)
}

// PlainMarkdown renders the table as a Markdown table without alignment.
func (t Table) PlainMarkdown() string {
	return t.markdown("|" + strings.Repeat(" --- |", len(t.Header)))
}

func (t Table) markdown(rule string) string {
	var b strings.Builder
	line := func(texts []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(texts, " | ")) }
	line(bars(t.Header))
	b.WriteString(rule + "\n")
	for _, row := range t.Rows {
		var texts []string
		for _, c := range row {
			texts = append(texts, c.Text)
		}
		line(bars(texts))
	}
	return b.String()
}

// bars escapes the bars in the texts of a Markdown table's line, and makes them inert.
func bars(texts []string) []string {
	escaped := make([]string, len(texts))
	for i, s := range texts {
		escaped[i] = strings.ReplaceAll(inert(s), "|", "\\|")
	}
	return escaped
}

// inert makes a text that may have names from files harmless in Markdown: it is cleaned, and begins no HTML. Markdown's own marks
// stay; at worst they make it bold.
func inert(s string) string { return strings.ReplaceAll(text.Clean(s), "<", "&lt;") }

// EscapeHTML makes text from data harmless in HTML.
func EscapeHTML(s string) string { return html.EscapeString(text.Clean(s)) }

// EscapeMarkdown escapes the characters that Markdown or HTML would read as markup.
func EscapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range text.Clean(s) {
		if strings.ContainsRune("\\`*_{}[]<>&#|$~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
