// SPDX-License-Identifier: Apache-2.0

package text

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

func TestOneLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a: b", "a: b"},
		{"a\n\n  b\r\nc\n", "a; b; c"},
		{"tab\there", "tab here"},
		{"steer \x1b[2J\x07 \u202eback", "steer \ufffd[2J\ufffd \ufffdback"},
		{"中文 é", "中文 é"},
		{"", ""},
	} {
		if got := OneLine(c.in); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"狐狸":                               "狐狸",
		"a\nb\tc\u2028d":                   "a b c d",
		"\x1b[31mred\x1b[0m\x07":           "[31mred[0m",
		"\u202eevil\u2066\u200b\ufeff.exe": "evil.exe",
		"bad\xff":                          "bad\uFFFD",
		"\ue000private\x00":                "private",
		"":                                 "",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanLines(t *testing.T) {
	if got, want := CleanLines("a\x1b]0;x\x07\nb\r\u202ec\n"), "a]0;x\nb c\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"a\t狐\xff":                `"a\t\u72d0\xff"`,
		"":                        `""`,
		strings.Repeat("x", 60):   `"` + strings.Repeat("x", 60) + `"`,
		strings.Repeat("x", 6000): `"` + strings.Repeat("x", 60) + `"…`,
	} {
		if got := Quote([]byte(in)); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"=cmd()|'x'": "'=cmd()|'x'", "+m": "'+m", "-x": "'-x", "@SUM(A1)": "'@SUM(A1)", "＝1+1": "'＝1+1", "\t=1+1": "' =1+1",
		" =1+1": "' =1+1", "\u202e=1": "'=1", "-0.25": "-0.25", "+1e-05": "+1e-05", "-1+1": "'-1+1", "3": "3", "a=b": "a=b", "": "",
		"-":  "'-",
		"狐狸": "狐狸", "a\nb": "a b",
	} {
		if got := Cell(in); got != want {
			t.Errorf("Cell(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestEscapeJSON: the strings are the same, and no character is left that Clean removes.
func TestEscapeJSON(t *testing.T) {
	for _, s := range []string{"plain 猫 👩\u200d💻", "\u202eevil\u2066", "\x7f\u009b2J", "\u2028\U000e0001", "<a&b>\n\t\x1b[2J"} {
		encoded, err := json.Marshal(map[string]string{"s": s})
		if err != nil {
			t.Fatal(err)
		}
		escaped := EscapeJSON(encoded)
		var back map[string]string
		if err := json.Unmarshal(escaped, &back); err != nil || back["s"] != s {
			t.Errorf("%q became %s, %q (%v)", s, escaped, back["s"], err)
		}
		if Clean(string(escaped)) != string(escaped) {
			t.Errorf("%q still has what steers a terminal", escaped)
		}
	}
}

// FuzzCell: whatever the text, the cell is one line of printable text that begins no formula.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"=1", "\r-x", "-1", "\u200b@x", "＠", "\xff=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cell := Cell(s)
		if i := strings.IndexFunc(cell, unicode.IsControl); i >= 0 {
			t.Errorf("%q keeps a control character: %q", s, cell)
		}
		first := []rune(strings.TrimSpace(cell) + "x")[0]
		if strings.ContainsRune("=@＝＋－＠", first) {
			t.Errorf("%q begins a formula: %q", s, cell)
		}
		if again := Cell(cell); again != cell {
			t.Errorf("%q changes again: %q to %q", s, cell, again)
		}
	})
}

func TestCounts(t *testing.T) {
	for n, want := range map[int]string{0: "0 devices", 1: "1 device", 2: "2 devices", -1: "-1 devices"} {
		if got := Count(n, "device"); got != want {
			t.Errorf("Count: %q, want %q", got, want)
		}
	}
	if got := Plural(1, "is", "are") + Plural(2, "is", "are"); got != "isare" {
		t.Errorf("Plural: %q", got)
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 12000: "12,000", 1234567: "1,234,567", -1234: "-1,234",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"epoch", "epochs", 1}, {"ab", "ba", 2}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d edits, want %d", c.a, c.b, got, c.want)
		}
	}
	for name, want := range map[string]string{"modle": "model", "": "pool", "lr": "lr_heads", strings.Repeat("x", 1<<20): "pool"} {
		if got := Nearest(name, []string{"pool", "model", "lr_heads", "ensemble"}); got != want {
			t.Errorf("nearest of %.20q: %q, want %q", name, got, want)
		}
	}
	if got := Nearest("x", nil); got != "" {
		t.Errorf("nearest of nothing: %q", got)
	}
}

func TestSimilar(t *testing.T) {
	known := []string{"check", "synth", "embeddings", "embed"}
	for name, want := range map[string][]string{"chek": {"check"}, "Embed": {"embeddings", "embed"}, "embedings": {"embeddings"},
		"evil": nil} {
		if got := Similar(name, known); !slices.Equal(got, want) {
			t.Errorf("similar to %q: %q, want %q", name, got, want)
		}
	}
}

func TestIndent(t *testing.T) {
	want := "  one two\n  three\n  four-and-more\n  five"
	if got := Indent("one two  three\nfour-and-more five", "  ", 10); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestKnown: the nearest name is said where it may be meant, and all names always.
func TestKnown(t *testing.T) {
	known := []string{"epochs", "batch", "lr_encoder", "lr_heads"}
	for name, want := range map[string]string{
		"epoch":     `the nearest is "epochs", and there are epochs, batch, lr_encoder, lr_heads`,
		"lr":        `the nearest is "lr_encoder", and there are epochs, batch, lr_encoder, lr_heads`,
		"mask_text": "there are epochs, batch, lr_encoder, lr_heads",
	} {
		if got := Known(name, known); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := Known("a", nil); got != "there are " {
		t.Errorf("of none: %q", got)
	}
}

// TestDecimal: numbers as data have them, and none of what only Go's sources have.
func TestDecimal(t *testing.T) {
	for s, want := range map[string]float64{"10": 10, "-.5": -.5, "1e-3": .001, "0.25": .25} {
		if got, err := Decimal(s); got != want || err != nil {
			t.Errorf("%s: %g, %v", s, got, err)
		}
	}
	for _, s := range []string{"1_0", "0x1p-1", "0X1P-1", "", "half"} {
		if got, err := Decimal(s); !errors.Is(err, strconv.ErrSyntax) {
			t.Errorf("%q: %g, %v", s, got, err)
		}
	}
}

// TestDiffering: two checksums are shown up to where they differ.
func TestDiffering(t *testing.T) {
	for _, c := range [][4]string{
		{"aaaabbbbccccdd", "aaaabbbbccceee", "aaaabbbbcccc", "aaaabbbbccce"},
		{"aaaabbbbccccde", "aaaabbbbccccdf", "aaaabbbbccccde", "aaaabbbbccccdf"},
		{"aa", "ab", "aa", "ab"}, {"aaaabbbbccccd", "", "aaaabbbbcccc", ""},
	} {
		if a, b := Differing(c[0], c[1]); a != c[2] || b != c[3] {
			t.Errorf("%s and %s: %s and %s", c[0], c[1], a, b)
		}
	}
}

// TestFew names the first and counts the others.
func TestFew(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a, b": {"a", "b"}, "a, b and 2 more": {"a", "b", "c", "d"}} {
		if got := Few(names, 2); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
