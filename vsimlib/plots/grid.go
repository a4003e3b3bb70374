// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// grid draws cells of one colour each, row 0 on top, with a letter where the colour alone would not tell.
type grid struct {
	rows, columns int
	color         func(row, column int) color.Color
	letter        func(row, column int) string // nil: none
	style         draw.TextStyle
}

// newGrid makes a panel with a grid and takes the lines of other panels away; row and column names stand at every step-th cell.
func newGrid(title, x, y string, g grid) *plot.Plot {
	p := plot.New()
	like := newPanel(title, x, y)
	p.Title, p.X, p.Y, p.Legend = like.Title, like.X, like.Y, like.Legend
	g.style = p.Legend.TextStyle
	g.style.Font.Size = vg.Points(6.5)
	g.style.XAlign, g.style.YAlign = draw.XCenter, draw.YCenter
	p.Add(g)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, float64(g.columns), 0, float64(g.rows)
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.Tick.Marker = numbers(g.columns, false)
	p.Y.Tick.Marker = numbers(g.rows, true)
	return p
}

// Plot draws the cells, neighbours of one colour in one piece. Each piece reaches a little under the next ones, so that no light
// shines through between them.
func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i := range g.rows {
		top, bottom := y(float64(g.rows-i)), y(float64(g.rows-i-1))
		for from, to := 0, 0; from < g.columns; from = to {
			fill := g.color(i, from)
			for to = from + 1; to < g.columns && g.color(i, to) == fill; to++ {
			}
			left, right := x(float64(from)), x(float64(to))+0.2
			c.FillPolygon(fill, []vg.Point{{X: left, Y: top}, {X: right, Y: top}, {X: right, Y: bottom - 0.2}, {X: left, Y: bottom - 0.2}})
		}
		for j := range g.columns {
			if g.letter != nil && g.letter(i, j) != "" {
				style := g.style
				style.Color = inkOn(g.color(i, j))
				c.FillText(style, vg.Point{X: x(float64(j) + 0.5), Y: (top + bottom) / 2}, g.letter(i, j))
			}
		}
	}
}

// DataRange is what the axes have to cover.
func (g grid) DataRange() (xmin, xmax, ymin, ymax float64) {
	return 0, float64(g.columns), 0, float64(g.rows)
}

var _ plot.DataRanger = grid{}

// inkOn is black or white, whatever is readable on a colour.
func inkOn(c color.Color) color.Color {
	if luminance(c) > 0.45 {
		return color.Black
	}
	return color.White
}

// luminance is how bright a colour is in grey, 0 to 1.
func luminance(c color.Color) float64 {
	return float64(color.GrayModel.Convert(c).(color.Gray).Y) / 255
}

// numbers names cells by their numbers from 1, about ten of them, in the middle of the cells.
func numbers(n int, downwards bool) plot.ConstantTicks {
	step := 1
	for _, s := range []int{2, 4, 8, 16, 32, 64} {
		if n/step > 12 {
			step = s
		}
	}
	var ticks plot.ConstantTicks
	for i := 0; i < n; i++ {
		if (i+1)%step == 0 || step == 1 {
			ticks = append(ticks, plot.Tick{Value: middle(i, n, downwards), Label: strconv.Itoa(i + 1)})
		}
	}
	return ticks
}

// names puts a name at the middle of every cell.
func names(list []string, downwards bool) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for i, name := range list {
		ticks = append(ticks, plot.Tick{Value: middle(i, len(list), downwards), Label: name})
	}
	return ticks
}

func middle(i, n int, downwards bool) float64 {
	if downwards {
		i = n - 1 - i
	}
	return float64(i) + 0.5
}

// swatch is the entry of a colour in a legend, with its letter.
type swatch struct {
	color  color.Color
	letter string
	style  draw.TextStyle
}

// Thumbnail draws the entry.
func (s swatch) Thumbnail(c *draw.Canvas) {
	size := (c.Max.Y - c.Min.Y) * 0.9
	left := c.Max.X - size
	corners := []vg.Point{{X: left, Y: c.Min.Y}, {X: c.Max.X, Y: c.Min.Y}, {X: c.Max.X, Y: c.Min.Y + size},
		{X: left, Y: c.Min.Y + size}}
	c.FillPolygon(s.color, corners)
	c.StrokeLines(draw.LineStyle{Color: gridColor, Width: vg.Points(0.5)}, append(corners, corners[0]))
	style := s.style
	style.Color, style.Font.Size, style.XAlign, style.YAlign = inkOn(s.color), vg.Points(6.5), draw.XCenter, draw.YCenter
	c.FillText(style, vg.Point{X: left + size/2, Y: c.Min.Y + size/2}, s.letter)
}

// shades goes from dark blue over grey to yellow, brighter at every step: it reads the same in grey (anchors of cividis, Nuñez,
// Anderton and Renslow 2018).
func shades(v, low, high float64) color.Color {
	return between([]color.RGBA{{0, 34, 78, 255}, {65, 77, 107, 255}, {124, 123, 120, 255}, {188, 175, 111, 255},
		{254, 232, 56, 255}}, v, low, high)
}

// blues goes from white to the first series' blue and on to black.
func blues(v, low, high float64) color.Color {
	return between([]color.RGBA{{255, 255, 255, 255}, {153, 199, 224, 255}, {0, 114, 178, 255}, {0, 40, 80, 255}}, v, low, high)
}

// between mixes the two anchors next to v's place between low and high.
func between(anchors []color.RGBA, v, low, high float64) color.Color {
	if !(high > low) || math.IsNaN(v) {
		return anchors[0]
	}
	place := min(1, max(0, (v-low)/(high-low))) * float64(len(anchors)-1)
	i := min(int(place), len(anchors)-2)
	part := place - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + part*(float64(b)-float64(a)))) }
	a, b := anchors[i], anchors[i+1]
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}

// scaleLegend names the lowest, the middle and the highest value of a colour scale.
func scaleLegend(p *plot.Plot, scale func(v, low, high float64) color.Color, low, high float64) {
	for _, v := range []float64{high, (low + high) / 2, low} {
		p.Legend.Add(strconv.FormatFloat(v, 'g', 2, 64), swatch{color: scale(v, low, high), style: p.Legend.TextStyle})
	}
}
