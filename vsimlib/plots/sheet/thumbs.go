// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/image/draw"

	"vsim/vsimlib/filetype"
)

// A sheet of thumbnails has square pictures in rows, in the order of its index.
const (
	thumbSize    = 64
	thumbsPerRow = 40
)

// Thumbs are the thumbnails of a corpus: thumbs/sheet.png, and thumbs/index.tsv with the number and the video id of each.
type Thumbs struct {
	sheet  image.Image
	number map[int64]int // by video id
}

// OpenThumbs reads the thumbnails of a corpus directory. A corpus may have none: then the error is fs.ErrNotExist.
func OpenThumbs(corpusDir string) (*Thumbs, error) {
	dir := filepath.Join(corpusDir, "thumbs")
	t := &Thumbs{number: map[int64]int{}}
	index, err := filetype.ReadFile(filepath.Join(dir, "index.tsv"))
	if err != nil {
		return nil, err
	}
	f, err := filetype.Open(filepath.Join(dir, "sheet.png"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if t.sheet, err = png.Decode(f); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	line := 0
	for text := range strings.Lines(string(index)) {
		line++
		if err := t.enter(text); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", filepath.Join(dir, "index.tsv"), line, err)
		}
	}
	return t, nil
}

// enter reads one line of the index: number TAB id, and further columns.
func (t *Thumbs) enter(line string) error {
	fields := strings.Split(line, "\t")
	if len(fields) < 2 {
		return fmt.Errorf("%d columns, want number TAB id", len(fields))
	}
	number, err := strconv.Atoi(fields[0])
	if err != nil || number < 0 {
		return fmt.Errorf("invalid number %q", fields[0])
	}
	id, err := strconv.ParseInt(strings.TrimSpace(fields[1]), 10, 64)
	if err != nil {
		return fmt.Errorf("invalid id %q", fields[1])
	}
	t.number[id] = number
	return nil
}

// picture cuts a video's thumbnail out of the sheet and scales it to a size in pixels; false if it has none.
func (t *Thumbs) picture(id int64, size int) (image.Image, bool) {
	number, ok := t.number[id]
	if !ok {
		return nil, false
	}
	x, y := number%thumbsPerRow*thumbSize, number/thumbsPerRow*thumbSize
	from := image.Rect(x, y, x+thumbSize, y+thumbSize)
	if !from.In(t.sheet.Bounds()) {
		return nil, false
	}
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(out, out.Bounds(), t.sheet, from, draw.Src, nil)
	return out, true
}

// PNG is a video's thumbnail at twice its size, as a PNG; false if it has none.
func (t *Thumbs) PNG(id int64) ([]byte, bool) {
	picture, ok := t.picture(id, 2*thumbSize)
	if !ok {
		return nil, false
	}
	var out strings.Builder
	if err := png.Encode(&out, picture); err != nil {
		return nil, false
	}
	return []byte(out.String()), true
}
