// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/tfrecord"
)

const emoji = "../../data/emoji"

// write puts files (path in the corpus -> contents) into a new folder.
func write(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// records frames videos, with labels.
func records(t testing.TB, videos ...Video) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tfrecord.NewWriter(&b)
	for _, v := range videos {
		r, err := AppendVideo(nil, v, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// examples frames records given by their features.
func examples(t testing.TB, rows ...[]tfrecord.Feature) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tfrecord.NewWriter(&b)
	for _, row := range rows {
		r, err := tfrecord.AppendExample(nil, row)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// video is a small one: frames of three float16.
func video(id int64, title string, frames int, tags ...int64) Video {
	v := Video{ID: id, Title: title, NumFrames: frames, Tags: tags, Category: 10101}
	for i := range 3 * frames {
		v.Frames = append(v.Frames, byte(id), byte(0x3c+i%4))
	}
	return v
}

// small is a legal corpus: videos 11..14 for pretraining, 13..16 with pairs, 21 and 22 as test.
func small(t testing.TB) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		"pointwise/a.tfrecords": records(t, video(11, "一只猫", 2, 5, 7), video(12, "", 0)),
		"pointwise/b.tfrecords": records(t, video(13, "dog", 1, 7, 99), video(14, "鸟", 3, 5)),
		"pairwise/pairwise.tfrecords": records(t, video(13, "dog", 1, 7, 99), video(14, "鸟", 3, 5), video(15, "x", 1),
			video(16, "y", 2, 5)),
		"pairwise/label.tsv":      []byte("13\t14\t0.5\n14\t13\t0.55\n15\t16\t1\n15\t16\t1.00\n16\t16\t0\n"),
		"test_a/test_a.tfrecords": records(t, video(21, "t", 1), video(22, "u", 1)),
		"tag_list.txt":            []byte("7\n5\t鱼\n"),
		"vocab.txt":               []byte("[PAD]\n[UNK]\n"),
	}
}

func open(t testing.TB, dir string) *Corpus {
	t.Helper()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func part(t testing.TB, c *Corpus, name string) *Set {
	t.Helper()
	s, err := c.Part(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(t testing.TB, dir string) *Report {
	t.Helper()
	r, err := Check(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// oneLine fails unless err is one line that holds every word.
func oneLine(t testing.TB, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", words)
		return
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is more than a line", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func ids(from, to int64) []int64 {
	var out []int64
	for id := from; id <= to; id++ {
		out = append(out, id)
	}
	return out
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s: %s, want %s", what, g, w)
	}
}
