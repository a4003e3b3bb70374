// SPDX-License-Identifier: Apache-2.0

package code

import (
	"strings"
	"testing"
)

// TestCursor: a position is in characters for front ends and in units of UTF-16 for GoNB.
func TestCursor(t *testing.T) {
	const code = "a\u53cc\U0001f600\U0001f680b"
	for at, units := range map[int]int{-3: 0, 0: 0, 1: 1, 2: 2, 3: 4, 4: 6, 5: 7, 6: 7, 1e9: 7} {
		if got := ToUnits(code, at); got != units {
			t.Errorf("%d characters are %d units, want %d", at, got, units)
		}
		if got, want := ToCharacters(code, units), Inside(code, at); got != want {
			t.Errorf("%d units are %d characters, want %d", units, got, want)
		}
	}
	for units, at := range map[int]int{-1: 0, 3: 2, 5: 3, 99: 5} { // outside, and within a character
		if got := ToCharacters(code, units); got != at {
			t.Errorf("%d units are %d characters, want %d", units, got, at)
		}
	}
}

// TestNamed: the cursor is at |, and the name that it asks about at ^, if there is one. Without one GoNB would search for ever.
func TestNamed(t *testing.T) {
	for _, marked := range []string{
		"|", "\n\n|", "(|", "  {|}", "%%\n|", "%%\n\t\"|", "!ls\n|)", "|,", "|)", "|, b := f()", "%env A 1\\\n\n|",
		Comment + "!ls\n|",
		"^|name", "%%\nn^|ame", "nam^e|", "nam^e |", "nam^e\n\n|", "nam^e(|", "twic^e(|)", "^f(g(x, y)|, z)", "^f(\n\tx,\n\ty|,\n)",
		"%%\n^a|, b := f()", "f(x)\n^a|, b := f()", "// \U0001f600\n\u53cc^\u53cc|, x",
	} {
		code := strings.NewReplacer("|", "", "^", "").Replace(marked)
		cursor, _, _ := strings.Cut(strings.ReplaceAll(marked, "^", ""), "|")
		name, _, want := strings.Cut(strings.ReplaceAll(marked, "|", ""), "^")
		if got, ok := Named(code, len([]rune(cursor))); ok != want || ok && got != len([]rune(name)) {
			t.Errorf("%q: %d, %t", marked, got, ok)
		}
	}
	for marked, want := range map[string]bool{
		"|%env A 1": true, "%env A 1\\\nB|\nx": true, "%env A 1\n|x": false, "%%bash\n|x": true, "|": false, "!ls\n|": false,
	} {
		cursor, _, _ := strings.Cut(marked, "|")
		if got := InCommand(strings.Replace(marked, "|", "", 1), len([]rune(cursor))); got != want {
			t.Errorf("%q is in a command: %t", marked, got)
		}
	}
}
