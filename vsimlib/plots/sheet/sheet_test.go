// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/results"
)

// oneThumb writes a corpus with the thumbnail of video 1.
func oneThumb(t *testing.T) (corpusDir string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "thumbs"), 0o755); err != nil {
		t.Fatal(err)
	}
	var sheet bytes.Buffer
	if err := png.Encode(&sheet, image.NewRGBA(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"sheet.png": sheet.String(), "index.tsv": "0\t1\ttitle\n"} {
		if err := os.WriteFile(filepath.Join(dir, "thumbs", name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDisputeSheet(t *testing.T) {
	d := results.Dispute{Shown: []results.DisputedPair{{Pair: "A1", IDs: [2]int64{1, 2}, First: "=x", English: [2]string{"x"}},
		{Pair: "B5", Label: .25}}}
	data, alt, err := Dispute(d, "m", oneThumb(t)).Write(t.TempDir(), "d")
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() != sheetMargin+5*pairWidth ||
		!strings.Contains(alt, "A1 =x (x) and , label 0.00, by title 0.00, by frames 0.00") {
		t.Errorf("%v, %q", err, alt)
	}
}

// TestTables: the tables of both sheets have the English name in brackets after each title.
func TestTables(t *testing.T) {
	gallery := Titles([]results.Query{{Title: "狐狸", English: "fox",
		Neighbours: []results.Neighbour{{Title: "葡萄", English: "grapes"}}}})
	if got := strings.Fields(gallery.String()); strings.Join(got, " ") != "query 1 A 狐狸 (fox) 葡萄 (grapes)" {
		t.Errorf("a gallery: %q", got)
	}
	pairs := Pairs([]results.DisputedPair{{Pair: "A1", First: "砖", Second: "肌肉", English: [2]string{"brick"}, Label: .05}})
	if got := pairs.Markdown(); !strings.Contains(got, "| A1 | 砖 (brick) | 肌肉 | 0.05 | 0.00 | 0.00 | 0.00 |") {
		t.Errorf("pairs: %s", got)
	}
}

// TestWrap: a name is broken between words, and its last line is cut where it is too long.
func TestWrap(t *testing.T) {
	c := &canvas{style: lettering(12)}
	for text, want := range map[string]string{
		"": "", "fox": "fox", "woman in steamy room": "woman in steamy|room",
		"couple with heart: woman, woman, medium skin tone": "couple with heart:|woman, woman,…", "Wwwwwwwwwwwwwwwwwwwww": "Wwwwwwwwwww…",
	} {
		got := c.wrap(text, 112, 2)
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		for _, line := range got {
			if c.wide(line, 112) {
				t.Errorf("%q is too wide", line)
			}
		}
	}
}

func TestGallerySheet(t *testing.T) {
	query := func(title string) results.Query {
		q := results.Query{ID: 1, Title: title, English: "a fox and a name that no line has room for"}
		for i := range 6 {
			q.Neighbours = append(q.Neighbours, results.Neighbour{ID: int64(i + 2), Title: "=n", English: "n",
				Cosine: 0.5 - float64(i)/4})
		}
		q.Neighbours[1].Label = new(0.25)
		return q
	}
	dir := t.TempDir()
	data, alt, err := Gallery([]results.Query{query("狐狸"), query("葡萄")}, "m", "test_a", oneThumb(t)).Write(dir, "g")
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() != sheetMargin+7*galleryWidth || img.Bounds().Dy() != sheetHead+2*galleryHeight ||
		!strings.Contains(alt, "B 葡萄 (a fox and a name that no line has room for): =n (n) 0.50, ") {
		t.Errorf("the sheet: %v, %v, %q", img.Bounds(), err, alt)
	}
	numbers, err := os.ReadFile(filepath.Join(dir, "g.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(numbers)).ReadAll()
	if err != nil || len(rows) != 13 || strings.Join(rows[2], " ") != "1 狐狸 2 3 '=n 0.250000 0.25 a fox and a name that no line has room for n" || rows[6][5] != "-0.750000" {
		t.Errorf("the numbers %v, %v", rows, err)
	}
	for name, s := range map[string]Sheet{"../g": Gallery(nil, "m", "p", oneThumb(t)), "empty": {}} {
		if _, _, err := s.Write(dir, name); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got := RowName(0) + RowName(25) + RowName(26) + RowName(27+26); got != "AZAABB" {
		t.Errorf("row names %s", got)
	}
}

// TestMapSheet puts points by hand: two ends of a line, and one close to the second, which becomes a dot.
func TestMapSheet(t *testing.T) {
	points := []results.MapPoint{{ID: 1, Title: "狐狸", English: "fox", X: -1}, {ID: 1, Title: "b", X: 0.99}, {ID: 1, Title: "=c", X: 1}}
	at := spread(points)
	if at[0].X != sheetMargin+mapPicture/2 || at[2].X != mapWidth-sheetMargin-mapPicture/2 || at[0].Y != mapHeight/2 {
		t.Errorf("points at %v", at)
	}
	if got := pictured(at); !got[0] || got[1] || !got[2] {
		t.Errorf("with thumbnails: %v", got)
	}
	if up := spread([]results.MapPoint{{Y: 0}, {Y: 1}}); up[1].Y >= up[0].Y {
		t.Errorf("y does not go upwards: %v", up)
	}
	dir := t.TempDir()
	data, alt, err := Map(points, [2]float64{0.5, 0.25}, "m", "test_a", oneThumb(t)).Write(dir, "map")
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if grey, _, _, _ := img.At(at[1].X, at[1].Y).RGBA(); grey>>8 != 140 || img.Bounds().Dx() != mapWidth {
		t.Errorf("no dot at %v, %v", at[1], img.Bounds())
	}
	if !strings.HasPrefix(alt, "Map of the 3 clips of test_a by") || !strings.Contains(alt, "to the right: =c, b, 狐狸 (fox);") ||
		!strings.Contains(alt, "50% and 25%") {
		t.Errorf("alt %q", alt)
	}
	numbers, err := os.ReadFile(filepath.Join(dir, "map.csv"))
	if err != nil || !strings.Contains(string(numbers), "\n1,'=c,,1,0\n") {
		t.Errorf("the numbers %s, %v", numbers, err)
	}
	if _, _, err := Map(nil, [2]float64{}, "m", "p", oneThumb(t)).Write(dir, "none"); err == nil {
		t.Error("a map of nothing")
	}
}

func TestThumbs(t *testing.T) {
	shipped, err := OpenThumbs("../../../data/emoji")
	if err != nil {
		t.Fatal(err)
	}
	for id := range shipped.number {
		data, ok := shipped.PNG(id)
		if img, err := png.Decode(bytes.NewReader(data)); err != nil || !ok || img.Bounds().Dx() != 2*thumbSize {
			t.Errorf("the thumbnail of %d: %v", id, err)
		}
		break
	}
	if _, ok := shipped.PNG(-1); ok {
		t.Error("a video that does not exist has a thumbnail")
	}
	if _, err := OpenThumbs(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a corpus without thumbnails: %v", err)
	}
	for _, line := range []string{"1", "x\t2", "-1\t2", "1\tx"} {
		if err := shipped.enter(line); err == nil {
			t.Errorf("the line %q is taken", line)
		}
	}
}
