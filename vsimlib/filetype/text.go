// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// The kinds of file that only What and HintBinary recognise, since many readers expect them.
const (
	Text = "text"
	JSON = "JSON"
)

// What returns in words what a file is by its first bytes, text and JSON included; "" where it recognises nothing. It is for files
// that are in the way of an output, and for readers whose own error would only mislead; others that found a file wrong ask Hint or
// HintBinary, which say what to do.
func What(prefix []byte) string {
	kind := LooksLike(prefix)
	if kind == "" {
		return textKind(prefix)
	}
	what, _, _ := strings.Cut(kind, ", ") // without the examples
	return what
}

// HintBinary is Hint for readers of a format that is never text; want names it: " (it looks like text, no TFRecord file)".
func HintBinary(prefix []byte, want string) string {
	if hint := Hint(prefix); hint != "" {
		return hint
	}
	if kind := textKind(prefix); kind != "" {
		return " (it looks like " + kind + ", no " + want + ")"
	}
	return ""
}

// textKind returns Text or JSON where the first bytes are UTF-8 without control characters, else "".
func textKind(prefix []byte) string {
	prefix = prefix[:min(len(prefix), Prefix)]
	whole := prefix
	for cut := 1; cut < utf8.UTFMax && cut <= len(prefix) && !utf8.Valid(whole); cut++ {
		whole = prefix[:len(prefix)-cut] // the last character may be cut
	}
	control := func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) || r == 0x7f }
	if len(whole) == 0 || !utf8.Valid(whole) || bytes.ContainsFunc(whole, control) {
		return ""
	}
	if start := bytes.TrimLeft(whole, " \t\r\n"); len(start) > 0 && start[0] == '{' {
		return JSON
	}
	return Text
}
