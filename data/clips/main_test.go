// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/atomicfile"
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
		"picture": {"titles.tsv", "titles.tsv\ta\n", "want GIF, PNG, JPEG or .npy"},
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

// shown are the colours of the upper left field of each picture of a file, as red, green, blue in [-1,1].
func shown(t *testing.T, name string, data []byte) (colours [][3]float32, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	err = pictures(path, func(picture image.Image) { colours = append(colours, [3]float32(features(picture)[:3])) })
	return colours, err
}

// TestDisposal: what a frame leaves for the next one is what its disposal says, and white is seen where nothing is.
func TestDisposal(t *testing.T) {
	red, blue, white := [3]float32{1, -1, -1}, [3]float32{-1, -1, 1}, [3]float32{1, 1, 1}
	palette := color.Palette{color.Transparent, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}}
	frame := func(index uint8) *image.Paletted {
		p := image.NewPaletted(image.Rect(0, 0, 16, 16), palette)
		for i := range p.Pix {
			p.Pix[i] = index
		}
		return p
	}
	for _, c := range []struct {
		first, second byte
		want          [][3]float32
	}{
		{gif.DisposalNone, gif.DisposalNone, [][3]float32{red, blue, blue}},
		{gif.DisposalNone, gif.DisposalBackground, [][3]float32{red, blue, white}},
		{gif.DisposalBackground, gif.DisposalPrevious, [][3]float32{red, blue, white}},
		{gif.DisposalNone, gif.DisposalPrevious, [][3]float32{red, blue, red}},
	} {
		var b bytes.Buffer
		err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame(1), frame(2), frame(0)}, Delay: []int{1, 1, 1},
			Disposal: []byte{c.first, c.second, gif.DisposalNone}})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := shown(t, "clip.gif", b.Bytes()); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("disposals %d and %d: %v, %v; want %v", c.first, c.second, got, err, c.want)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 9, 9))); err != nil {
		t.Fatal(err)
	}
	if got, err := shown(t, "clear.png", b.Bytes()); err != nil || !slices.Equal(got, [][3]float32{white}) {
		t.Errorf("a transparent picture: %v, %v", got, err)
	}
}

// TestHugePicture: a few bytes that ask for gigabytes are refused before any memory is taken.
func TestHugePicture(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes() // 8 bytes of signature, length and name of IHDR, then width and height
	binary.BigEndian.PutUint32(data[16:], 1<<20)
	binary.BigEndian.PutUint32(data[20:], 1<<20)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	wide := append([]byte("GIF89a\xff\xff\xff\xff"), make([]byte, 30)...)
	for name, data := range map[string][]byte{"huge.png": data, "huge.gif": wide} {
		if _, err := shown(t, name, data); err == nil || !strings.Contains(err.Error(), "so scale it down") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestTables: a clip that is listed twice and a pairs.tsv that cannot be read are refused, and what a killed call left is no obstacle.
func TestTables(t *testing.T) {
	dir, vocab := t.TempDir(), filepath.Join("..", "emoji", "vocab.txt")
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a.png", b.String())
	write("b.png", b.String())
	out := filepath.Join(t.TempDir(), "corpus")
	write("titles.tsv", "a.png\tone\nb.png\ttwo\n./a.png\tthree\n")
	if err := build(dir, out, vocab); err == nil || !strings.Contains(err.Error(), `line 3: the clip "./a.png" is on line 1 already`) {
		t.Errorf("a clip that is listed twice: %v", err)
	}
	write("titles.tsv", "a.png\tone\nb.png\ttwo\n")
	unreadable := filepath.Join(dir, "pairs.tsv")
	if err := os.Symlink("pairs.tsv", unreadable); err != nil { // to itself
		t.Fatal(err)
	}
	if err := build(dir, out, vocab); err == nil || !strings.Contains(err.Error(), unreadable) {
		t.Errorf("a pairs.tsv that cannot be read: %v", err)
	}
	if err := os.Remove(unreadable); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(filepath.Dir(out), atomicfile.Prefix+"corpus")
	if err := os.MkdirAll(filepath.Join(left, "pairwise"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := build(dir, out+"/", vocab); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if _, err := os.Stat(filepath.Join(out, "pairwise")); err == nil {
		t.Error("the corpus has what was left")
	}
}
