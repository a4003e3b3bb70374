// SPDX-License-Identifier: Apache-2.0

package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"vsim/vsimlib/competition"
)

const vocabPath = "../../data/emoji/vocab.txt"

func load(t testing.TB) *Tokenizer {
	t.Helper()
	tok, err := LoadVocab(vocabPath)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

type encoding struct{ IDs, Mask []int32 }

type cases struct {
	Texts []struct {
		Text string
		IDs  []int32
	}
	Encodings []struct {
		Text        string
		MaxText     int      `json:"max_text"`
		CLSFirst    encoding `json:"cls_first"`
		FramesFirst encoding `json:"frames_first"`
	}
}

// The expected ids of testdata/cases.json and the hashes of testdata/sweep.json were made by testdata/oracle.py with
// BertTokenizer of transformers 5.23.0.

func TestTokenizeEqualsTransformers(t *testing.T) {
	tok := load(t)
	var c cases
	readJSON(t, "testdata/cases.json", &c)
	if len(c.Texts) < 300 {
		t.Fatalf("only %d texts", len(c.Texts))
	}
	for _, x := range c.Texts {
		if got := tok.Tokenize(x.Text); !slices.Equal(got, x.IDs) {
			t.Errorf("%q:\ngot  %v\nwant %v", x.Text, got, x.IDs)
		}
	}
}

func TestEncodeEqualsTransformers(t *testing.T) {
	tok := load(t)
	var c cases
	readJSON(t, "testdata/cases.json", &c)
	for _, x := range c.Encodings {
		for layout, want := range map[string]encoding{competition.LayoutCLSFirst: x.CLSFirst,
			competition.LayoutFramesFirst: x.FramesFirst} {
			ids, mask := tok.Encode(x.Text, "", layout, x.MaxText, 0)
			if !slices.Equal(ids, want.IDs) || !slices.Equal(mask, want.Mask) {
				t.Errorf("%q %s %d:\ngot  %v %v\nwant %v %v", x.Text, layout, x.MaxText, ids, mask, want.IDs, want.Mask)
			}
		}
	}
}

// TestEveryCodePoint compares the ids of every code point, alone and between two letters and two Chinese characters, and
// the words it makes between two letters, which show what the vocabulary's [UNK] hides.
func TestEveryCodePoint(t *testing.T) {
	tok := load(t)
	var want map[string][]string
	readJSON(t, "testdata/sweep.json", &want)
	ids := func(h hash.Hash, text string) {
		var line []byte
		for i, id := range tok.Tokenize(text) {
			if i > 0 {
				line = append(line, ' ')
			}
			line = strconv.AppendInt(line, int64(id), 10)
		}
		h.Write(append(line, '\n'))
	}
	forms := map[string]func(h hash.Hash, c string){
		"alone":   func(h hash.Hash, c string) { ids(h, c) },
		"latin":   func(h hash.Hash, c string) { ids(h, "a"+c+"b") },
		"chinese": func(h hash.Hash, c string) { ids(h, "中"+c+"文") },
		"words": func(h hash.Hash, c string) {
			var list []string
			for _, w := range words("a" + c + "b") {
				list = append(list, string(w))
			}
			fmt.Fprintln(h, strings.Join(list, " "))
		},
	}
	blocks := 0x11
	if testing.Short() {
		blocks = 3 // all that scripts use
	}
	for name, add := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for block := range blocks {
				h := sha256.New()
				for c := rune(block << 16); c < rune(block+1)<<16; c++ {
					if utf8.ValidRune(c) {
						add(h, string(c))
					}
				}
				if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want[name][block] {
					t.Errorf("code points from U+%X0000 differ", block)
				}
			}
		})
	}
}

func TestSpecialTokens(t *testing.T) {
	tok := load(t)
	if got := []int32{tok.PadID, tok.UnkID, tok.ClsID, tok.SepID, tok.MaskID}; !slices.Equal(got, []int32{0, 100, 101, 102, 103}) {
		t.Errorf("special ids %v", got)
	}
	if tok.VocabSize() != 21128 {
		t.Errorf("%d ids", tok.VocabSize())
	}
	for id, want := range map[int32]bool{0: true, 1: false, 99: false, 100: true, 103: true, 104: false, 21127: false} {
		if tok.Special(id) != want {
			t.Errorf("Special(%d) is %v", id, !want)
		}
	}
	if id, ok := tok.ids["的"]; id != 4638 || !ok {
		t.Errorf("的 is %d, %v", id, ok)
	}
	if _, ok := tok.ids["no such token"]; ok {
		t.Error("an unknown token has an id")
	}
	for id, want := range map[int32]string{4638: "的", 0: "[PAD]", -1: "", 21128: ""} {
		if got := tok.Spelling(id); got != want {
			t.Errorf("%d is spelled %q, want %q", id, got, want)
		}
	}
}

// TestInvalidUTF8 : a title that is not UTF-8 is refused when the corpus is read; here its bytes are dropped.
func TestInvalidUTF8(t *testing.T) {
	tok := load(t)
	if got, want := tok.Tokenize("a\xff\xfe中\xe4\xb8"), tok.Tokenize("a中"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestEncodeTinyLengths(t *testing.T) {
	tok := load(t)
	for _, c := range []struct {
		layout string
		n      int
		want   []int32
	}{
		{competition.LayoutCLSFirst, 4, []int32{101, 102, 166, 102}}, {competition.LayoutCLSFirst, 3, []int32{101, 102, 102}},
		{competition.LayoutFramesFirst, 3, []int32{101, 166, 102}}, {competition.LayoutFramesFirst, 2, []int32{101, 102}},
		{competition.LayoutCLSFirst, 1, []int32{101}}, {competition.LayoutFramesFirst, 0, []int32{}},
		{competition.LayoutFramesFirst, -1, []int32{}},
	} {
		ids, mask := tok.Encode("x y", "", c.layout, c.n, 0)
		if !slices.Equal(ids, c.want) || len(mask) != len(ids) || slices.Contains(mask, 0) {
			t.Errorf("%s %d: %v %v", c.layout, c.n, ids, mask)
		}
	}
}

// FuzzTokenize: no panic; ids and lengths in bounds; the encoding is the tokens between its special ones.
func FuzzTokenize(f *testing.F) {
	tok := load(f)
	for _, s := range []string{"", "你好 world", "[MASK][SEP", "a\u0301\u302e", "\xff\xc0", "각ﬁ\u200b", "##", strings.Repeat("x", 200),
		strings.Repeat("长", 50)} {
		f.Add(s, uint8(36))
	}
	f.Fuzz(func(t *testing.T, text string, max uint8) {
		tokens := tok.Tokenize(text)
		if len(tokens) > 4*len(text) {
			t.Errorf("%d tokens of %d bytes", len(tokens), len(text))
		}
		for _, id := range tokens {
			if id < 0 || int(id) >= tok.VocabSize() {
				t.Fatalf("id %d", id)
			}
		}
		for layout, specials := range map[string]int{competition.LayoutCLSFirst: 3, competition.LayoutFramesFirst: 2} {
			n := int(max)
			ids, mask := tok.Encode(text, "", layout, n, 0)
			if len(ids) != n || len(mask) != n {
				t.Fatalf("%d ids, %d mask, want %d", len(ids), len(mask), n)
			}
			if n < specials {
				continue
			}
			kept := min(len(tokens), n-specials)
			if !slices.Equal(ids[specials-1:specials-1+kept], tokens[:kept]) {
				t.Errorf("%s: %v does not hold %v", layout, ids, tokens[:kept])
			}
			end := kept + specials
			if ids[0] != tok.ClsID || ids[end-1] != tok.SepID || slices.Contains(mask[:end], 0) || slices.Contains(mask[end:], 1) {
				t.Errorf("%s: %v %v", layout, ids, mask)
			}
			if slices.ContainsFunc(ids[end:], func(id int32) bool { return id != tok.PadID }) {
				t.Errorf("%s: padding %v", layout, ids[end:])
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	tok := load(b)
	for b.Loop() {
		tok.Encode("今天天气很好，我们去公园玩吧！Hello World", "", competition.LayoutCLSFirst, 36, 0)
	}
}

// TestLongText: of a text longer than MaxText the rest is not tokenised, and no character is cut in two.
func TestLongText(t *testing.T) {
	tok := load(t)
	for _, c := range []struct{ text, want string }{
		{strings.Repeat("a", MaxText), strings.Repeat("a", MaxText)}, {strings.Repeat("a", MaxText+1), strings.Repeat("a", MaxText)},
		{"a" + strings.Repeat("中", MaxText), "a" + strings.Repeat("中", (MaxText-1)/3)},
		{"aa" + strings.Repeat("中", MaxText), "aa" + strings.Repeat("中", (MaxText-2)/3)},
	} {
		if got := cut(c.text); got != c.want {
			t.Errorf("%d bytes remain, want %d", len(got), len(c.want))
		}
	}
	long := strings.Repeat("中 ", 32<<20/4)
	short := strings.Repeat("中 ", 20)
	for _, layout := range []string{competition.LayoutCLSFirst, competition.LayoutFramesFirst} {
		got, _ := tok.Encode(long, long, layout, 12, 4)
		want, _ := tok.Encode(short, short, layout, 12, 4)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", layout, got, want)
		}
	}
}
