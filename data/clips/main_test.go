// SPDX-License-Identifier: Apache-2.0

package main

import (
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/corpus"
)

// TestBuild makes a corpus of an animation, a picture and a folder of pictures.
func TestBuild(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, encode func(f *os.File) error) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err == nil {
			err = encode(f)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text := func(s string) func(*os.File) error {
		return func(f *os.File) error { _, err := f.WriteString(s); return err }
	}
	palette := color.Palette{color.Black, color.White}
	black, white := image.NewPaletted(image.Rect(0, 0, 20, 10), palette), image.NewPaletted(image.Rect(0, 0, 20, 10), palette)
	for i := range white.Pix {
		white.Pix[i] = 1
	}
	write("blink.gif", func(f *os.File) error {
		return gif.EncodeAll(f, &gif.GIF{Image: []*image.Paletted{black, white, black}, Delay: []int{1, 1, 1}})
	})
	write("white.png", func(f *os.File) error { return png.Encode(f, white) })
	write("folder/1.png", func(f *os.File) error { return png.Encode(f, black) })
	write("folder/2.png", func(f *os.File) error { return png.Encode(f, white) })
	write("titles.tsv", text("blink.gif\t眨眼\t7,3\nwhite.png\t白\nfolder\t黑白\t3\n"))
	write("pairs.tsv", text("blink.gif\tfolder\t0.75\n"))
	out := filepath.Join(t.TempDir(), "corpus")
	vocab := filepath.Join("..", "emoji", "vocab.txt")
	if err := build(dir, out, vocab); err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Part("pointwise")
	if err != nil || all.Len() != 3 {
		t.Fatalf("%v, %v", all, err)
	}
	v, err := all.Video(0)
	if err != nil || v.ID != 1 || v.Title != "眨眼" || v.NumFrames != 3 || len(v.Frames) != 3*2*3*side*side {
		t.Errorf("%d %q, %d frames of %d bytes, %v", v.ID, v.Title, v.NumFrames, len(v.Frames), err)
	}
	if first, second := v.Frames[1], v.Frames[2*3*side*side+1]; first != 0xbc || second != 0x3c { // -1 and 1 in float16
		t.Errorf("frames of %x and %x", first, second)
	}
	pairs, err := c.Pairs("pairwise")
	if err != nil || len(pairs) != 1 || pairs[0].A != 1 || pairs[0].B != 3 || pairs[0].Score != 0.75 {
		t.Errorf("pairs %+v, %v", pairs, err)
	}
	if tags, err := c.Tags(); err != nil || len(tags) != 2 {
		t.Errorf("tags %v, %v", tags, err)
	}
	for name, c := range map[string]struct{ file, content, want string }{
		"again":   {"titles.tsv", "blink.gif\ta\n", "does not exist yet"},
		"no clip": {"titles.tsv", "other.gif\ta\n", "titles.tsv: line 1: open"},
		"no tab":  {"titles.tsv", "blink.gif a\n", "line 1 has 1 fields"},
		"no pair": {"titles.tsv", "blink.gif\ta\n", `no clip "folder"`},
		"picture": {"titles.tsv", "titles.tsv\ta\n", "want GIF, PNG or JPEG"},
		"score":   {"pairs.tsv", "blink.gif\tblink.gif\t2\n", `similarity "2" is no number in [0,1]`},
	} {
		write(c.file, text(c.content))
		target := filepath.Join(t.TempDir(), "corpus")
		if name == "again" {
			target = out
		}
		if name == "score" {
			write("titles.tsv", text("blink.gif\ta\n"))
		}
		if err := build(dir, target, vocab); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		write("pairs.tsv", text("blink.gif\tfolder\t0.75\n"))
	}
}
