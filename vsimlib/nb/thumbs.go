// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/image/draw"
)

// The sheet of pictures: square ones, so many in a row, in the order of its index.
const (
	thumbSize  = 64
	thumbsARow = 40
)

// thumbs is the corpus's sheet of pictures: thumbs/sheet.png, and thumbs/index.tsv with place and id of each.
type thumbs struct {
	sheet image.Image
	place map[int64]int
}

// thumbs reads the corpus's pictures; a corpus need not have any.
func (p place) thumbs() (thumbs, error) {
	dir := filepath.Join(p.corpus, "thumbs")
	t := thumbs{place: map[int64]int{}}
	index, err := os.ReadFile(filepath.Join(dir, "index.tsv"))
	if err != nil {
		return t, err
	}
	f, err := os.Open(filepath.Join(dir, "sheet.png"))
	if err != nil {
		return t, err
	}
	defer func() { _ = f.Close() }()
	if t.sheet, err = png.Decode(f); err != nil {
		return t, fmt.Errorf("%s: %w", f.Name(), err)
	}
	number := 0
	for line := range strings.Lines(string(index)) {
		number++
		fields := strings.Split(line, "\t")
		if len(fields) < 2 {
			return t, fmt.Errorf("%s:%d: %d columns, want place TAB id", filepath.Join(dir, "index.tsv"), number, len(fields))
		}
		place, err := strconv.Atoi(fields[0])
		if err != nil || place < 0 {
			return t, fmt.Errorf("%s:%d: place %q is not a number", filepath.Join(dir, "index.tsv"), number, fields[0])
		}
		id, err := strconv.ParseInt(strings.TrimSpace(fields[1]), 10, 64)
		if err != nil {
			return t, fmt.Errorf("%s:%d: id %q is not a number", filepath.Join(dir, "index.tsv"), number, fields[1])
		}
		t.place[id] = place
	}
	return t, nil
}

// picture cuts a video's picture out of the sheet, at the size asked for.
func (t thumbs) picture(id int64, size int) (image.Image, bool) {
	place, ok := t.place[id]
	if !ok {
		return nil, false
	}
	x, y := place%thumbsARow*thumbSize, place/thumbsARow*thumbSize
	from := image.Rect(x, y, x+thumbSize, y+thumbSize)
	if !from.In(t.sheet.Bounds()) {
		return nil, false
	}
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(out, out.Bounds(), t.sheet, from, draw.Src, nil)
	return out, true
}
