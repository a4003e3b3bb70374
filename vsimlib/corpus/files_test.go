// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/lines"
)

// gzipped compresses a file.
func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRecordNames reads record files under all their names, in every part, and in the order of the names.
func TestRecordNames(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := write(t, map[string][]byte{
		"pointwise/a.tfrecords":                   records(t, video(1, "a", 1)),
		"pointwise/b.tfrecord":                    records(t, video(2, "b", 1)),
		"pointwise/c.tfrecords-00000-of-00002":    records(t, video(3, "c", 1)),
		"pointwise/c.tfrecords-00001-of-00002":    records(t, video(4, "d", 1)),
		"pointwise/d-00000-of-00001.tfrecord":     records(t, video(5, "e", 1)),
		"pointwise/e.tfrecords.gz":                gzipped(t, records(t, video(6, "f", 1), video(7, "g", 2))),
		"pointwise/f.tfrecord-00000-of-00001.gz":  gzipped(t, records(t, video(8, "h", 1))),
		"pairwise/pairwise_0.tfrecords":           records(t, video(11, "i", 1)),
		"pairwise/pairwise_1.tfrecords.gz":        gzipped(t, records(t, video(12, "j", 1))),
		"pairwise/label.tsv":                      []byte("11\t12\t0.5\n"),
		"test_a/test.tfrecord":                    records(t, video(21, "k", 1)),
		"pointwise/._a.tfrecords":                 []byte("\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "),
		"pointwise/.DS_Store":                     []byte("Bud1"),
		"pointwise/.hidden.tfrecords/x.tfrecords": nil,
	})
	c := open(t, dir)
	same(t, "pointwise", part(t, c, "pointwise").IDs(), ids(1, 8))
	same(t, "pairwise", part(t, c, "pairwise").IDs(), ids(11, 12))
	same(t, "test_a", part(t, c, "test_a").IDs(), ids(21, 21))
	same(t, "not read", c.NotRead(), nil)
	same(t, "warnings", c.Warnings(), nil)
	same(t, "files of test_a", c.Files("test_a"), []string{filepath.Join(dir, "test_a", "test.tfrecord")})
	r := check(t, dir)
	same(t, "errors", r.Errors, []*Problem{})
	same(t, "files", r.Parts["pointwise"].Files, 7)
	same(t, "records", r.Parts["pointwise"].Records, 8)
	if v, err := part(t, c, "pointwise").Video(6); err != nil || v.Title != "g" || v.NumFrames != 2 {
		t.Errorf("a video of a compressed file, by its offset: %+v, %v", v, err)
	}
}

// TestNotRead names what is in a part's folder and is not read, and shards that are missing or empty.
func TestNotRead(t *testing.T) {
	dir := write(t, map[string][]byte{
		"pointwise/a.tfrecords":                records(t, video(1, "a", 1)),
		"pointwise/p.tfrecords-00000-of-00003": records(t, video(2, "b", 1)),
		"pointwise/p.tfrecords-00002-of-00003": records(t, video(3, "c", 1)),
		"pointwise/z.tfrecords":                nil,
		"pointwise/UPPER.TFRECORDS":            records(t, video(4, "d", 1)),
		"pointwise/part-r-00000":               records(t, video(5, "e", 1)),
		"pointwise/more/b.tfrecords":           records(t, video(6, "f", 1)),
		"pointwise/notes.txt":                  []byte("x"),
		"test_a/test_a.tfrecords.zip":          []byte("PK\x03\x04"),
		"Pairwise/pairwise.tfrecords":          records(t, video(7, "g", 1)),
		"deep/test_b/test_b.tfrecords":         records(t, video(8, "h", 1)),
		"straight-00000-of-00001":              records(t, video(9, "i", 1)),
		"README.md":                            []byte("x"),
		"bert/x.ckpt.data-00000-of-00001":      []byte("x"),
		"thumbs/index.tsv":                     []byte("x"),
	})
	c := open(t, dir)
	want := []string{"pointwise/UPPER.TFRECORDS", "pointwise/more/", "pointwise/notes.txt", "pointwise/part-r-00000",
		"test_a/test_a.tfrecords.zip",
		"Pairwise/", "deep/test_b/", "straight-00000-of-00001"}
	same(t, "not read", c.NotRead(), want)
	same(t, "pointwise", part(t, c, "pointwise").IDs(), ids(1, 3))
	lines := strings.Join(c.Warnings(), "\n")
	for _, word := range append(want, "missing, as the names of the other shards say: pointwise/p.tfrecords-00001-of-00003",
		"empty record files: pointwise/z.tfrecords") {
		if !strings.Contains(lines, word) {
			t.Errorf("the warnings do not say %q:\n%s", word, lines)
		}
	}
	r := check(t, dir)
	same(t, "not read, by Check", r.NotRead, want)
	same(t, "errors", r.ErrorCount, 2)
	oneLine(t, r.Errors[0], "pointwise/p.tfrecords-00001-of-00003", "missing")
	oneLine(t, r.Errors[1], "pointwise/z.tfrecords", "has no records", "an empty file")
}

// TestNoRecords names what was found instead of records.
func TestNoRecords(t *testing.T) {
	one := records(t, video(1, "a", 1))
	for name, word := range map[string]string{
		"Pointwise/a.tfrecords":     "not read: Pointwise/",
		"data/pointwise/a.tfrecord": "not read: data/pointwise/",
		"a.tfrecords":               "not read: a.tfrecords",
		"pointwise/a.TFRecords":     "not read: pointwise/a.TFRecords",
		"pairwise/x/y.tfrecords":    "not read: pairwise/x/",
		"notes.txt":                 "*.tfrecord and NAME.tfrecords-NNNNN-of-NNNNN, each also with .gz)",
	} {
		_, err := Open(write(t, map[string][]byte{name: one}))
		oneLine(t, err, "no records", "pointwise, pairwise, test_a, test_b", word)
	}
	many := map[string][]byte{}
	for i := range 20 {
		many[fmt.Sprintf("pointwise/part-r-%05d", i)] = one
	}
	_, err := Open(write(t, many))
	oneLine(t, err, "part-r-00007 and 12 more")
}

// TestBadGzip: a compressed file that cannot be decompressed is a problem of that file, and the others are checked all the same.
func TestBadGzip(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	whole := gzipped(t, records(t, video(2, "b", 1)))
	files := map[string][]byte{
		"pointwise/a.tfrecords.gz": whole[:len(whole)-9],
		"pointwise/b.tfrecords":    records(t, video(1, "a", 1)),
		"pointwise/c.tfrecords.gz": records(t, video(3, "c", 1)),
	}
	dir := write(t, files)
	r := check(t, dir)
	same(t, "errors", r.ErrorCount, 2)
	oneLine(t, r.Errors[0], "pointwise/a.tfrecords.gz", "cannot be decompressed", "unexpected EOF")
	oneLine(t, r.Errors[1], "pointwise/c.tfrecords.gz", "is no gzip file")
	same(t, "records", r.Parts["pointwise"].Records, 1)
	same(t, "width", r.FrameDim, 3)
	_, err := open(t, dir).Part("pointwise")
	oneLine(t, err, filepath.Join(dir, "pointwise", "a.tfrecords.gz"), "cannot be decompressed")
}

// TestGzipFingerprint: compressing a file changes the names of the corpus's files, and no record.
func TestGzipFingerprint(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	one := records(t, video(1, "a", 1), video(2, "b", 2))
	plain := part(t, open(t, write(t, map[string][]byte{"pointwise/a.tfrecords": one})), "pointwise")
	packed := part(t, open(t, write(t, map[string][]byte{"pointwise/a.tfrecords.gz": gzipped(t, one)})), "pointwise")
	same(t, "fingerprint", packed.Fingerprint(), plain.Fingerprint())
}

// TestForeignRecords names what is no record file.
func TestForeignRecords(t *testing.T) {
	for kind, data := range map[string][]byte{
		"a gzip file: name it a.tfrecords.gz and it is read": gzipped(t, records(t, video(1, "a", 1))),
		"a Git LFS pointer": []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
		"an HTML page":      []byte("<!DOCTYPE html><html></html>"),
	} {
		r := check(t, write(t, map[string][]byte{"pointwise/a.tfrecords": data}))
		if r.ErrorCount != 1 {
			t.Errorf("%s: %v", kind, r.Errors)
			continue
		}
		oneLine(t, r.Errors[0], "pointwise/a.tfrecords", "looks like "+kind)
	}
}

// TestTextFiles: blank lines at the end of a text file are none; what makes it another file is named.
func TestTextFiles(t *testing.T) {
	const labels = "13\t14\t0.5\n14\t15\t1\n"
	for name, k := range map[string]struct {
		text string
		want []string // "": the two pairs
	}{
		"as it should be":        {labels, nil},
		"no end":                 {strings.TrimSuffix(labels, "\n"), nil},
		"CRLF":                   {strings.ReplaceAll(labels, "\n", "\r\n"), nil},
		"a blank line":           {labels + "\n", nil},
		"blank lines and blanks": {labels + "\r\n \t\n\n  ", nil},
		"a blank line inside":    {"13\t14\t0.5\n\n14\t15\t1\n", []string{"label.tsv:2: 1 columns, want 3"}},
		"many blank lines":       {labels + strings.Repeat("\n", lines.MaxBlank+1), []string{"label.tsv:3: 1 columns, want 3"}},
		"a byte order mark":      {"\ufeff" + labels, []string{"label.tsv:1: starts with a byte order mark"}},
		"UTF-16": {"\xff\xfe1\x003\x00\t\x001\x004\x00",
			[]string{"label.tsv:1: cannot be read (it looks like UTF-16 text"}},
		"a page": {"<html>\n<body>\n", []string{"label.tsv:1: cannot be read (it looks like an HTML page"}},
		"a pointer": {"version https://git-lfs.github.com/spec/v1\noid x\nsize 1\n", []string{"label.tsv:1: cannot",
			"Git LFS"}},
		"gzip": {string(gzipped(t, []byte(labels))),
			[]string{"label.tsv:1: cannot be read (it looks like a gzip file"}},
	} {
		files := small(t)
		files["pairwise/label.tsv"] = []byte(k.text)
		dir := write(t, files)
		r := check(t, dir)
		pairs, err := ReadPairs(filepath.Join(dir, "pairwise", "label.tsv"))
		if k.want == nil {
			if err != nil || !slices.Equal(pairs, []Pair{{A: 13, B: 14, Score: .5}, {A: 14, B: 15, Score: 1}}) || r.ErrorCount != 0 {
				t.Errorf("%s: %v, %v, %v", name, pairs, err, r.Errors)
			}
			continue
		}
		oneLine(t, err, k.want...)
		if r.ErrorCount != 1 {
			t.Errorf("%s: %v", name, r.Errors)
			continue
		}
		oneLine(t, r.Errors[0], k.want...)
	}
	files := small(t)
	files["tag_list.txt"] = []byte("7\n5\t鱼\n\n")
	files["vocab.txt"] = []byte("[PAD]\n\n[UNK]\n\n")
	r := check(t, write(t, files))
	same(t, "errors", r.Errors, []*Problem{})
	same(t, "tags", r.TagList, 2)
	same(t, "words", r.Vocab, 3)
	files["tag_list.txt"] = []byte("\ufeff7\n5\n")
	r = check(t, write(t, files))
	same(t, "errors", r.ErrorCount, 1)
	oneLine(t, r.Errors[0], "tag_list.txt:1: starts with a byte order mark")
}

// TestUnreadableFolder is an error that names it.
func TestUnreadableFolder(t *testing.T) {
	files := small(t)
	delete(files, "test_a/test_a.tfrecords")
	dir := write(t, files)
	if err := os.WriteFile(filepath.Join(dir, "test_a"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir)
	oneLine(t, err, "test_a", "not a directory")
}
