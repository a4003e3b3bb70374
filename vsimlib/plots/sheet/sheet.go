// SPDX-License-Identifier: Apache-2.0

// Package sheet draws sheets of thumbnails: galleries of nearest neighbours, pairs on which title and frames disagree, maps of
// embeddings.
package sheet

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"vsim/vsimlib/plots/figure"
)

// Sizes that all sheets share, in pixels: the line above a row of pictures, and the margin with the rows' names.
const (
	sheetHead   = 24
	sheetMargin = 24
)

// Sheet is a figure of thumbnails with words under them, to be written as NAME.png and NAME.csv.
type Sheet struct {
	corpus string // its directory, with the thumbnails
	layout func(*canvas)
	width  int // in pixels
	height int
	font   vg.Length
	alt    string
	rows   [][]string // of the CSV, its header first
}

// Write writes the sheet into a folder under a name. It returns the PNG, and a description of it.
func (s Sheet) Write(folder, name string) (png []byte, alt string, err error) {
	if err := figure.CheckName(name); err != nil {
		return nil, "", err
	}
	if s.layout == nil {
		return nil, "", errors.New("plots: an empty sheet")
	}
	thumbs, err := OpenThumbs(s.corpus)
	if err != nil {
		return nil, "", fmt.Errorf("plots: %s: thumbnails of the corpus: %w", name, err)
	}
	if png, err = s.draw(thumbs); err != nil {
		return nil, "", fmt.Errorf("plots: %s: %w", name, err)
	}
	numbers, err := figure.CSV(s.rows)
	if err != nil {
		return nil, "", err
	}
	return png, s.alt, figure.WriteFiles(folder, name, figure.File{Extension: ".csv", Data: numbers},
		figure.File{Extension: ".png", Data: png})
}

// draw writes the words first and puts the thumbnails over them.
func (s Sheet) draw(thumbs *Thumbs) ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(s.width), vg.Length(s.height)), vgimg.UseDPI(72)) // a point is a pixel
	on := &canvas{Canvas: vgdraw.New(c), height: s.height, thumbs: thumbs, target: c.Image(), style: lettering(s.font)}
	s.layout(on)
	return figure.Encode(on.target, sheetPalette(thumbs.sheet))
}

// lettering is how a sheet's words look.
func lettering(size vg.Length) text.Style {
	return text.Style{Color: figure.InkColor, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		XAlign: vgdraw.XCenter, YAlign: vgdraw.YCenter, Handler: plot.DefaultTextHandler}
}

// canvas is a sheet that is being drawn, with the origin at its top left.
type canvas struct {
	vgdraw.Canvas
	height int
	thumbs *Thumbs
	target draw.Image
	style  text.Style
}

// write writes a line of text around a point.
func (c *canvas) write(x, y int, s string) {
	c.FillText(c.style, vg.Point{X: vg.Length(x), Y: vg.Length(c.height - y)}, s)
}

// wrap breaks a text between words into lines of at most a width in pixels, the last of which is cut.
func (c *canvas) wrap(s string, width, lines int) []string {
	var list []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && len(list)+1 < lines && c.wide(longer, width) {
			list, longer = append(list, line), word
		}
		line = longer
	}
	return append(list, c.cut(line, width))
}

// cut is a text of at most a width in pixels; a longer one ends with "…".
func (c *canvas) cut(s string, width int) string {
	if !c.wide(s, width) {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && c.wide(string(runes)+"…", width) {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimSpace(string(runes)) + "…"
}

// wide reports whether a text is wider than a number of pixels.
func (c *canvas) wide(s string, width int) bool { return c.style.Width(s) > vg.Length(width) }

// picture puts a video's thumbnail with its top left corner at a point; a video without one leaves a gap.
func (c *canvas) picture(x, y, size int, id int64) {
	if picture, ok := c.thumbs.picture(id, size); ok {
		draw.Draw(c.target, image.Rect(x, y, x+size, y+size), picture, image.Point{}, draw.Over)
	}
}

// line draws a vertical grey line of one pixel.
func (c *canvas) line(x, top, bottom int) {
	draw.Draw(c.target, image.Rect(x, top, x+1, bottom), image.NewUniform(color.RGBA{200, 200, 200, 255}), image.Point{}, draw.Src)
}

// dot draws a grey disc around a point.
func (c *canvas) dot(x, y, size int) {
	for i := -size; i <= size; i++ {
		for j := -size; j <= size; j++ {
			if 4*(i*i+j*j) <= size*size {
				c.target.Set(x+i, y+j, color.RGBA{140, 140, 140, 255})
			}
		}
	}
}

// sheetPalette is the colours of text and lines, and those of a sheet of thumbnails; nil if the sheet has no palette.
func sheetPalette(sheet image.Image) color.Palette {
	from, ok := sheet.(*image.Paletted)
	if !ok {
		return nil
	}
	var palette color.Palette
	for _, grey := range []uint8{255, 40, 90, 140, 200} {
		palette = append(palette, color.RGBA{grey, grey, grey, 255})
	}
	return append(palette, from.Palette[:min(len(from.Palette), figure.MaxColors-len(palette))]...)
}
