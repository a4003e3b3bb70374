// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	vgtext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/text"
)

// Look is what distinguishes one series from the others: colour, dash and mark.
type Look struct {
	Color color.RGBA
	Dash  []vg.Length
	Mark  draw.GlyphDrawer
}

// looks are of Okabe and Ito's palette: blue, orange, black, purple, green, which are 87, 162, 0, 151 and 106 of 255 in grey.
var looks = []Look{
	{color.RGBA{0, 114, 178, 255}, nil, draw.CircleGlyph{}},
	{color.RGBA{230, 159, 0, 255}, []vg.Length{vg.Points(5), vg.Points(2)}, draw.PyramidGlyph{}},
	{color.RGBA{0, 0, 0, 255}, []vg.Length{vg.Points(1.5), vg.Points(1.5)}, draw.BoxGlyph{}},
	{color.RGBA{204, 121, 167, 255}, []vg.Length{vg.Points(6), vg.Points(2), vg.Points(1.5), vg.Points(2)}, draw.CrossGlyph{}},
	{color.RGBA{0, 158, 115, 255}, []vg.Length{vg.Points(8), vg.Points(2)}, draw.TriangleGlyph{}},
}

// LookOf is the look of the i-th series.
func LookOf(i int) Look { return looks[i%len(looks)] }

// LookOfMany is LookOf for figures that may have more than five series: from the sixth on, a colour comes with another dash and
// mark. Twenty-five are distinct.
func LookOfMany(i int) Look {
	other := LookOf(i + i/len(looks))
	return Look{LookOf(i).Color, other.Dash, other.Mark}
}

// Pale is a colour mixed with white, for what is behind.
func Pale(c color.RGBA) color.RGBA {
	mix := func(v uint8) uint8 { return uint8((int(v) + 2*255) / 3) }
	return color.RGBA{mix(c.R), mix(c.G), mix(c.B), 255}
}

// Colours of the lines behind a figure, and of its text.
var (
	GridColor = color.RGBA{225, 225, 225, 255}
	InkColor  = color.RGBA{40, 40, 40, 255}
)

// NewPanel makes one coordinate system: title, labels with units, a light grid.
func NewPanel(title, x, y string) *plot.Plot {
	p := plot.New()
	sans := func(s *vgtext.Style, size vg.Length) {
		s.Font.Variant, s.Font.Size, s.Color = "Sans", size, InkColor
	}
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = vg.Points(4)
	sans(&p.Title.TextStyle, vg.Points(10.5))
	sans(&p.Legend.TextStyle, vg.Points(9))
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		sans(&axis.Label.TextStyle, vg.Points(9.5))
		sans(&axis.Tick.Label, vg.Points(8.5))
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = InkColor, InkColor
		axis.Padding = vg.Points(2)
		axis.Tick.Marker = linearTicks{}
	}
	Grid := plotter.NewGrid()
	Grid.Horizontal.Color, Grid.Vertical.Color = GridColor, GridColor
	p.Add(Grid, room{})
	p.Legend.Top = true
	p.Legend.Padding = vg.Points(1.5)
	p.Legend.XOffs, p.Legend.YOffs = -vg.Points(4), -vg.Points(4)
	return p
}

// room keeps the panels of a row at one distance to their axes and titles, whatever tick labels and marks they have at their edges.
type room struct{}

// Plot draws nothing.
func (room) Plot(draw.Canvas, *plot.Plot) {}

// GlyphBoxes are half a line at the lower and the upper edge.
func (room) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	half := vg.Rectangle{Min: vg.Point{Y: -vg.Points(5)}, Max: vg.Point{Y: vg.Points(5)}}
	return []plot.GlyphBox{{Rectangle: half}, {Y: 1, Rectangle: half}}
}

// LogWhere gives the y axis a logarithmic scale where the values span enough for one.
func LogWhere(p *plot.Plot) {
	if p.Y.Min <= 0 || p.Y.Max/p.Y.Min < 3 {
		Pad(p)
		return
	}
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	space := math.Pow(p.Y.Max/p.Y.Min, 0.04)
	p.Y.Min, p.Y.Max = p.Y.Min/space, p.Y.Max*space
}

// Pad widens the y axis a little, so that no mark is on the frame.
func Pad(p *plot.Plot) {
	if space := 0.04 * (p.Y.Max - p.Y.Min); space > 0 {
		p.Y.Min, p.Y.Max = p.Y.Min-space, p.Y.Max+space
	}
}

// linearTicks puts about five labelled ticks at round values.
type linearTicks struct{}

// Ticks returns the ticks between two values.
func (linearTicks) Ticks(low, high float64) []plot.Tick {
	span := high - low
	if !(span > 0) || math.IsInf(span, 0) {
		return []plot.Tick{{Value: low, Label: strconv.FormatFloat(low, 'g', 4, 64)}}
	}
	unit := math.Pow(10, math.Floor(math.Log10(span/5)))
	step := unit
	for _, factor := range []float64{2, 5, 10} {
		if span/step > 6 {
			step = factor * unit
		}
	}
	digits := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*span; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: text.Minus(strconv.FormatFloat(i*step+0, 'f', digits, 64))})
	}
	return ticks
}

// logTicks labels powers of ten, and 2 and 5 of each where there is room.
type logTicks struct{}

// Ticks returns the ticks between two positive values.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	decades := math.Log10(high / low)
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for digit := 1; digit < 10; digit++ {
			value := float64(digit) * math.Pow(10, power)
			if value < low*(1-1e-9) || value > high*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: value}
			if digit == 1 || (decades < 2.5 && (digit == 2 || digit == 5)) || (decades < 0.8 && digit != 7 && digit != 9) {
				tick.Label = strconv.FormatFloat(value, 'g', 3, 64)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// Number writes a value for the CSV: shortest form that reads back as the same.
func Number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// Number32 is Number for a float32.
func Number32(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }

// LegendStyle is the text of legends and cells.
func LegendStyle() draw.TextStyle { return NewPanel("", "", "").Legend.TextStyle }
