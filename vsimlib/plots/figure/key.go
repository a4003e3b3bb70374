// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"image/color"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/text"
)

// Key names colours below all panels, so that none of these ends at a legend.
type Key struct {
	Title   string
	Columns int // entries side by side; 0: all
	Entries []Entry
}

// Entry is a colour, with the letter that cells of it have, or the mark or line that has it, and its name.
type Entry struct {
	Name   string
	Color  color.Color
	Letter string
	Mark   draw.GlyphDrawer // instead of a square; nil: none
	Line   *draw.LineStyle  // through the mark; nil: none
}

// Sizes of a key.
var (
	keyLine   = vg.Points(13)
	keySquare = vg.Points(9)
	keyDash   = vg.Points(26) // of a line
)

// ScaleKey names the lowest, the middle and the highest value of a colour scale.
func ScaleKey(title string, scale func(v, low, high float64) color.Color, low, high float64) *Key {
	k := &Key{Title: title}
	for _, v := range []float64{low, (low + high) / 2, high} {
		k.Entries = append(k.Entries, Entry{Name: text.Minus(strconv.FormatFloat(v, 'g', 2, 64)), Color: scale(v, low, high)})
	}
	return k
}

// columns is how many entries are side by side.
func (k *Key) columns() int {
	if k.Columns > 0 {
		return k.Columns
	}
	return max(1, len(k.Entries))
}

// Fit sets the columns to those that a drawing of a width has room for.
func (k *Key) Fit(width vg.Length) {
	style := LegendStyle()
	if k.Title != "" {
		width -= style.Width(k.Title) + vg.Points(12)
	}
	k.Columns = max(1, min(len(k.Entries), int((width-vg.Points(8))/k.entryWidth(style))))
}

// entryWidth is that of the widest entry.
func (k *Key) entryWidth(style draw.TextStyle) (width vg.Length) {
	for _, e := range k.Entries {
		width = max(width, e.sample()+vg.Points(5)+style.Width(e.Name)+vg.Points(16))
	}
	return width
}

// sample is the width of what is left of the name.
func (e Entry) sample() vg.Length {
	if e.Line != nil {
		return keyDash
	}
	return keySquare
}

// Height is what the key takes of a drawing.
func (k *Key) Height() vg.Length {
	rows := (len(k.Entries) + k.columns() - 1) / k.columns()
	return vg.Length(rows)*keyLine + vg.Points(8)
}

// draw draws the key at the bottom and returns the canvas above it.
func (k *Key) draw(c draw.Canvas) draw.Canvas {
	style := LegendStyle()
	style.YAlign = draw.YCenter
	left, top := c.Min.X+vg.Points(8), c.Min.Y+k.Height()-vg.Points(4)
	if k.Title != "" {
		c.FillText(style, vg.Point{X: left, Y: top - keyLine/2 + vg.Points(1)}, k.Title)
		left += style.Width(k.Title) + vg.Points(12)
	}
	width := k.entryWidth(style)
	for i, e := range k.Entries {
		at := vg.Point{X: left + vg.Length(i%k.columns())*width, Y: top - vg.Length(i/k.columns())*keyLine - keyLine/2}
		e.square(c, at, style)
		c.FillText(style, vg.Point{X: at.X + e.sample() + vg.Points(5), Y: at.Y + vg.Points(1)}, e.Name)
	}
	return draw.Crop(c, 0, 0, k.Height(), 0)
}

// square draws an entry's colour and letter, or its mark; at is the middle of its left edge.
func (e Entry) square(c draw.Canvas, at vg.Point, style draw.TextStyle) {
	if e.Line != nil {
		c.StrokeLine2(*e.Line, at.X, at.Y, at.X+keyDash, at.Y)
	}
	if e.Mark != nil {
		radius := vg.Points(4)
		if e.Line != nil {
			radius = vg.Points(2.6) // as on the line
		}
		c.DrawGlyph(draw.GlyphStyle{Color: e.Color, Radius: radius, Shape: e.Mark}, vg.Point{X: at.X + e.sample()/2, Y: at.Y})
	}
	if e.Line != nil || e.Mark != nil {
		return
	}
	low, high := at.Y-keySquare/2, at.Y+keySquare/2
	corners := []vg.Point{{X: at.X, Y: low}, {X: at.X + keySquare, Y: low}, {X: at.X + keySquare, Y: high}, {X: at.X, Y: high}}
	c.FillPolygon(e.Color, corners)
	c.StrokeLines(draw.LineStyle{Color: GridColor, Width: vg.Points(0.5)}, append(corners, corners[0]))
	if e.Letter != "" {
		style.Color, style.Font.Size, style.XAlign = inkOn(e.Color), vg.Points(6.5), draw.XCenter
		c.FillText(style, vg.Point{X: at.X + keySquare/2, Y: at.Y}, e.Letter)
	}
}
