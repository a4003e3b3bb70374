// SPDX-License-Identifier: Apache-2.0

package gloss

import (
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/filetest"
)

const emoji = "../../../data/emoji"

// TestShipped: every video of the shipped corpus has a name in ASCII letters, and the file has no other id.
func TestShipped(t *testing.T) {
	names, err := Read(emoji)
	if err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Open(emoji)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for _, part := range competition.Parts() {
		set, err := c.Part(part)
		if err != nil {
			t.Fatal(err)
		}
		for i := range set.Len() {
			v, err := set.Video(i)
			if err != nil {
				t.Fatal(err)
			}
			seen[v.ID] = true
			if !strings.ContainsAny(names[v.ID], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
				t.Errorf("%s: %s has the English name %q", part, v.Title, names[v.ID])
			}
		}
	}
	if len(seen) != len(names) || len(seen) != 1790 { // 1,607 items and 183 variants: data/emoji/README.md
		t.Errorf("%d names of %d videos", len(names), len(seen))
	}
}

// TestTitlesAgree: the titles that title_names.tsv repeats are those of the records.
func TestTitlesAgree(t *testing.T) {
	titles := map[string]string{}
	for line := range strings.Lines(filetest.Content(t, emoji+"/"+competition.TitleNamesFile)) {
		id, rest, _ := strings.Cut(line, "\t")
		titles[id], _, _ = strings.Cut(rest, "\t")
	}
	for line := range strings.Lines(filetest.Content(t, emoji+"/thumbs/index.tsv")) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); titles[f[1]] != f[3] {
			t.Errorf("the title of %s is %q in the index, %q with the names", f[1], f[3], titles[f[1]])
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	if names, err := Read(dir); err != nil || len(names) != 0 {
		t.Errorf("without a file: %v, %v", names, err)
	}
	for text, want := range map[string]string{
		"1\t狐狸\tfox\n\n2": "title_names.tsv:2: 1 columns, want id TAB title TAB English name",
		"x\t狐狸\tfox\n":    `title_names.tsv:1: invalid id "x"`,
		"1\t狐狸\tfox\n":    "",
	} {
		filetest.Write(t, dir+"/"+competition.TitleNamesFile, text)
		names, err := Read(dir)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if want == "" && (names[1] != "fox" || Beside("狐狸", names[1]) != "狐狸 (fox)" || Beside("狐狸", names[2]) != "狐狸") {
			t.Errorf("%q: %v", text, names)
		}
	}
}
