// SPDX-License-Identifier: Apache-2.0

// Package text words what people read: one-line messages, counts, names near a misspelled one; and makes text that comes from data
// harmless where it is shown.
package text

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// OneLine joins the lines of a message by "; ", leaving empty ones out, and replaces by U+FFFD what would steer a terminal: an
// error can quote data, and that something was there is part of it.
func OneLine(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return unicode.ReplacementChar
	}, strings.Join(lines, "; "))
}

// Clean makes text from data harmless on a screen: control characters, which steer terminals, and format characters, which turn the
// direction of text or hide in it, are removed; line ends and tabs become spaces.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// CleanLines is Clean for text of several lines: line ends stay.
func CleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Clean(line)
	}
	return strings.Join(lines, "\n")
}

// EscapeJSON writes as \u escapes those characters of encoded JSON that Clean would remove: readers get the same strings, and a
// screen nothing that steers it.
func EscapeJSON(encoded []byte) []byte {
	harmless := func(r rune) bool {
		return r == '\n' || !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
	}
	if !bytes.ContainsFunc(encoded, func(r rune) bool { return !harmless(r) }) {
		return encoded
	}
	var out []byte
	for _, r := range string(encoded) {
		if harmless(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, "\\u%04x", unit)
		}
	}
	return out
}

// formulas are the characters that begin a formula in a spreadsheet, full-width forms included (OWASP, "CSV Injection").
const formulas = "=+-@＝＋－＠"

// Cell makes text from data harmless as a cell of a CSV file: it is cleaned, and where a spreadsheet would run it as a formula,
// also after blanks, it gets an apostrophe in front. Numbers stay as they are.
func Cell(s string) string {
	s = Clean(s)
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(s))
	if !strings.ContainsRune(formulas, first) {
		return s
	}
	if _, err := Decimal(s); err == nil {
		return s
	}
	return "'" + s
}

// Decimal reads a number in decimal digits. strconv also takes what only Go's sources have, as 1_0 for 10 and 0x1p-1 for 0.5, which
// in data or in a setting is a mistake.
func Decimal(s string) (float64, error) {
	if strings.ContainsAny(s, "_xX") {
		return 0, &strconv.NumError{Func: "ParseFloat", Num: s, Err: strconv.ErrSyntax}
	}
	return strconv.ParseFloat(s, 64)
}

// Differing returns the first twelve characters of two checksums that differ, or more, up to where they do.
func Differing(a, b string) (string, string) {
	n := 12
	for n < min(len(a), len(b)) && a[:n] == b[:n] {
		n++
	}
	return a[:min(n, len(a))], b[:min(n, len(b))]
}

// Quote shows the beginning of bytes that may be anything, on one line.
func Quote(b []byte) string {
	const most = 60
	if len(b) > most {
		return strconv.QuoteToASCII(string(b[:most])) + "…"
	}
	return strconv.QuoteToASCII(string(b))
}

// Count writes a number of things whose plural is regular: "1 video", "7 videos".
func Count(n int, what string) string {
	return fmt.Sprintf("%d %s", n, Plural(n, what, what+"s"))
}

// Plural returns the form of a noun for n things.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Thousands writes 12000 as 12,000.
func Thousands[N int | int64](n N) string {
	return message.NewPrinter(language.English).Sprintf("%d", n)
}

// Indent breaks text into lines of at most width columns, each with a prefix. A word that is longer has a line of its own.
func Indent(s, prefix string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(prefix+line+" "+word) > width {
			lines = append(lines, prefix+line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, prefix+line), "\n")
}

// longest is the number of bytes of a name from which on it is near to nothing.
const longest = 64

// Nearest returns the known name that the fewest edits (insert, remove, replace a letter) turn name into, "" if none is known. One
// that holds the whole name, as lr_heads holds lr, counts as one edit; of equally near ones the first is taken.
func Nearest(name string, known []string) string {
	best, least := "", math.MaxInt
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// Near is the nearest name where it is near enough to be meant, else "".
func Near(name string, known []string) string {
	near := Nearest(name, known)
	if near == "" || distance(name, near) > max(2, len(name)/3) {
		return ""
	}
	return near
}

// Known says what names there are instead of an unknown one: the nearest, where one is near, and all.
func Known(name string, known []string) string {
	all := "there are " + strings.Join(known, ", ")
	if near := Near(name, known); near != "" {
		return fmt.Sprintf("the nearest is %q, and %s", near, all)
	}
	return all
}

// Similar returns the known names that name may be a misspelling of, in their order: those at most two edits away, case aside,
// and those that begin with it.
func Similar(name string, known []string) []string {
	var near []string
	lower := strings.ToLower(name)
	for _, k := range known {
		if l := strings.ToLower(k); edits(lower, l) <= 2 || strings.HasPrefix(l, lower) {
			near = append(near, k)
		}
	}
	return near
}

// Few joins the first names, most of them at most, and counts the others.
func Few(names []string, most int) string {
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

// DidYouMean is the question that ends an error about an unknown name: whether one of these was meant, each with a prefix; "" where
// there is none.
func DidYouMean(prefix string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + prefix + strings.Join(names, " or "+prefix) + "?"
}

func distance(name, known string) int {
	if name != "" && strings.Contains(known, name) && name != known {
		return 1
	}
	return edits(name, known)
}

// edits is the Levenshtein distance. A long name is cut: it cannot be near anything.
func edits(a, b string) int {
	return levenshtein.ComputeDistance(a[:min(len(a), longest)], b)
}
