// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Sizes of the sheet of disputed pairs, in pixels.
const (
	pairWidth  = 152
	pairHeight = 128
	pairSize   = 70
)

// showDispute draws the sheet of disputed pairs, a row a side, and shows it.
func (s source) showDispute(figure, model string, d Dispute) error {
	pictures, err := s.thumbs()
	if err != nil {
		return err
	}
	sheet, err := drawDispute(d.Shown, pictures)
	if err != nil {
		return err
	}
	rows := [][]string{{"pair", "first", "second", "label", "cosine", "cosine_title", "cosine_frames"}}
	var said []string
	for _, p := range d.Shown {
		rows = append(rows, []string{p.Pair, inert(p.First), inert(p.Second), fmt.Sprint(p.Label), fmt.Sprint(p.Both), fmt.Sprint(p.Title), fmt.Sprint(p.Frames)})
		said = append(said, fmt.Sprintf("%s %s and %s, label %.2f, by title %.2f, by frames %.2f", p.Pair, p.First, p.Second, p.Label, p.Title, p.Frames))
	}
	if err := s.writeSheet(figure, sheet, rows); err != nil {
		return err
	}
	showPNG(sheet, fmt.Sprintf("Pairs of which title and frames say different things to %s: %s.", model, strings.Join(said, "; ")), s.relative(filepath.Join(s.figures, figure+".png")))
	return nil
}

// drawDispute draws row A, pairs alike by title, over row B, pairs alike by frames.
func drawDispute(list []Disputed, pictures thumbs) ([]byte, error) {
	columns := disputed
	width, height := marginLeft+columns*pairWidth, 2*(headHeight+pairHeight)
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(width), vg.Length(height)), vgimg.UseDPI(72))
	canvas := vgdraw.New(c)
	style := text.Style{
		Color: color.RGBA{40, 40, 40, 255}, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: 11},
		XAlign: vgdraw.XCenter, YAlign: vgdraw.YCenter, Handler: plot.DefaultTextHandler,
	}
	write := func(x, y int, s string) {
		canvas.FillText(style, vg.Point{X: vg.Length(x), Y: vg.Length(height - y)}, s)
	}
	place := func(p Disputed) (left, top int) {
		row, column := int(p.Pair[0]-'A'), int(p.Pair[1]-'1')
		return marginLeft + column*pairWidth, row*(headHeight+pairHeight) + headHeight
	}
	write(width/2, headHeight/2, "A: alike by title, unlike by frames")
	write(width/2, headHeight+pairHeight+headHeight/2, "B: alike by frames, unlike by title")
	for _, p := range list {
		left, top := place(p)
		write(left+pairWidth/2, top+pairSize+12, fmt.Sprintf("%s: label %.2f, cosine %.2f", p.Pair, p.Label, p.Both))
		write(left+pairWidth/2, top+pairSize+28, fmt.Sprintf("title %.2f, frames %.2f", p.Title, p.Frames))
	}
	target := c.Image()
	for _, p := range list {
		left, top := place(p)
		for side, id := range p.IDs {
			if picture, ok := pictures.picture(id, pairSize); ok {
				x := left + pairWidth/2 - pairSize - 1 + side*(pairSize+2)
				draw.Draw(target, image.Rect(x, top, x+pairSize, top+pairSize), picture, image.Point{}, draw.Over)
			}
		}
	}
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduced(target, pictures.sheet))
	return out.Bytes(), err
}
