// SPDX-License-Identifier: Apache-2.0

package tokenizer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"

func loadText(t *testing.T, text string) (*Tokenizer, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vocab.txt")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	tok, err := LoadVocab(path)
	return tok, path, err
}

// TestLoadVocab's ids of "a b [MASK]" are those of BertTokenizer(vocab=PATH) of transformers 5.23.0 on the same files.
func TestLoadVocab(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []int32
		size       int
	}{
		{"plain", specials + "a\nb\n", []int32{5, 6, 4}, 7},
		{"no newline at the end", specials + "a\nb", []int32{5, 6, 4}, 7},
		{"CRLF", strings.ReplaceAll(specials+"a\nb\n", "\n", "\r\n"), []int32{5, 6, 4}, 7},
		{"blank lines at the end", specials + "a\nb\n\n\n", []int32{5, 6, 4}, 7},
		{"a blank line inside", specials + "a\n\nb\n", []int32{5, 7, 4}, 8},
		{"white space behind a token", specials + "a \u3000\t\nb\u0085\n", []int32{5, 6, 4}, 7},
		{"white space before a token", specials + " a\n\u3000b\n", []int32{1, 1, 4}, 7},
		{"a carriage return inside", specials + "a\rb\n", []int32{1, 1, 4}, 6},
		{"another order", "b\n[MASK]\n[SEP]\na\n[UNK]\n[CLS]\n[PAD]\n", []int32{3, 0, 1}, 7},
		{"no such words", specials, []int32{1, 1, 4}, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok, _, err := loadText(t, c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := tok.Tokenize("a b [MASK]"); !slices.Equal(got, c.want) || tok.VocabSize() != c.size {
				t.Errorf("%v of %d, want %v of %d", got, tok.VocabSize(), c.want, c.size)
			}
		})
	}
}

func TestLoadVocabRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", ": the special token [PAD] is missing (it is an empty file: copy or download it again)"},
		{"a pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", ": the special token [PAD] is missing" +
			" (it looks like a Git LFS pointer: the file itself was not fetched: git lfs pull)"},
		{"UTF-16", "\xff\xfe[\x00P\x00A\x00D\x00]\x00\n\x00", ":1: not UTF-8 (it looks like UTF-16 text: save it as UTF-8)"},
		{"no mask", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n", ": the special token [MASK] is missing"},
		{"special token in lower case", strings.ToLower(specials), ": the special token [PAD] is missing"},
		{"repeated", specials + "a\nb\na\n", `:8: token "a" is on line 6 already`},
		{"repeated but for white space", specials + "a\na \n", `:7: token "a" is on line 6 already`},
		{"repeated special token", specials + "[UNK]\n", `:6: token "[UNK]" is on line 2 already`},
		{"not UTF-8", specials + "a\xff\n", ":6: not UTF-8"},
		{"byte order mark", "\uFEFF" + specials, ":1: starts with a byte order mark, which would become part of the first token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, path, err := loadText(t, c.text)
			if err == nil || err.Error() != "tokenizer: "+path+c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	dir := t.TempDir()
	if _, err := LoadVocab(dir); err == nil || err.Error() != "tokenizer: "+dir+": is a directory" {
		t.Errorf("a folder: %v", err)
	}
	absent := filepath.Join(dir, "absent")
	if _, err := LoadVocab(absent); err == nil || err.Error() != "tokenizer: "+absent+": no such file or directory" {
		t.Errorf("an absent file: %v", err)
	}
}

// TestPieces: the longest piece first, a word of 101 characters or with an unknown rest is unknown as a whole.
func TestPieces(t *testing.T) {
	tok, _, err := loadText(t, specials+"un\nunaff\n##aff\n##a\n##able\n##ffable\nx\n##x\n")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int32{
		"unaffable":                    {6, 9},
		"UNAFFABLE":                    {6, 9},
		"unaf":                         {1},
		"unaffableq x":                 {1, 11},
		"aff":                          {1},
		"unaa":                         {5, 8, 8},
		"x" + strings.Repeat("x", 99):  append([]int32{11}, slices.Repeat([]int32{12}, 99)...),
		"x" + strings.Repeat("x", 100): {1},
		"x[MASK]x":                     {11, 4, 11},
	} {
		if got := tok.Tokenize(text); !slices.Equal(got, want) {
			t.Errorf("%.20s: %v, want %v", text, got, want)
		}
	}
}
