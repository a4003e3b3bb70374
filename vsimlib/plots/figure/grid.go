// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Grid draws cells of one colour each, row 0 on top, with a letter where the colour alone would not distinguish them.
type Grid struct {
	Rows, Columns int
	Color         func(row, column int) color.Color
	Letter        func(row, column int) string // nil: none

	style draw.TextStyle
}

// NewGridPanel makes a panel with a grid, without the lines of other panels. Rows and columns are numbered, about ten of them.
func NewGridPanel(title, x, y string, g Grid) *plot.Plot {
	p := plot.New()
	like := NewPanel(title, x, y)
	p.Title, p.X, p.Y, p.Legend = like.Title, like.X, like.Y, like.Legend
	g.style = p.Legend.TextStyle
	g.style.Font.Size = vg.Points(6.5)
	g.style.XAlign, g.style.YAlign = draw.XCenter, draw.YCenter
	p.Add(g)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, float64(g.Columns), 0, float64(g.Rows)
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.Tick.Marker = numbers(g.Columns, false)
	p.Y.Tick.Marker = numbers(g.Rows, true)
	return p
}

// Plot draws the cells, neighbours of one colour in one piece. Each piece reaches a little under the next ones, so that no light
// shines through between them.
func (g Grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i := range g.Rows {
		top, bottom := y(float64(g.Rows-i)), y(float64(g.Rows-i-1))
		for from, to := 0, 0; from < g.Columns; from = to {
			fill := g.Color(i, from)
			for to = from + 1; to < g.Columns && g.Color(i, to) == fill; to++ {
			}
			left, right := x(float64(from)), x(float64(to))+0.2
			c.FillPolygon(fill, []vg.Point{{X: left, Y: top}, {X: right, Y: top}, {X: right, Y: bottom - 0.2}, {X: left, Y: bottom - 0.2}})
		}
		for j := range g.Columns {
			if g.Letter != nil && g.Letter(i, j) != "" {
				style := g.style
				style.Color = inkOn(g.Color(i, j))
				c.FillText(style, vg.Point{X: x(float64(j) + 0.5), Y: (top + bottom) / 2}, g.Letter(i, j))
			}
		}
	}
}

// DataRange is what the axes have to cover.
func (g Grid) DataRange() (xmin, xmax, ymin, ymax float64) {
	return 0, float64(g.Columns), 0, float64(g.Rows)
}

var _ plot.DataRanger = Grid{}

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

// Names puts a name at the middle of every cell.
func Names(list []string, downwards bool) plot.ConstantTicks {
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

// Shades goes from dark blue over grey to yellow, brighter at every step: it reads the same in grey (anchors of cividis, Nuñez,
// Anderton and Renslow 2018).
func Shades(v, low, high float64) color.Color {
	return between([]color.RGBA{{0, 34, 78, 255}, {65, 77, 107, 255}, {124, 123, 120, 255}, {188, 175, 111, 255},
		{254, 232, 56, 255}}, v, low, high)
}

// Blues goes from white to the first series' blue and on to black.
func Blues(v, low, high float64) color.Color {
	return between([]color.RGBA{{255, 255, 255, 255}, {153, 199, 224, 255}, {0, 114, 178, 255}, {0, 40, 80, 255}}, v, low, high)
}

// between mixes the two anchors next to v between low and high.
func between(anchors []color.RGBA, v, low, high float64) color.Color {
	if !(high > low) || math.IsNaN(v) {
		return anchors[0]
	}
	at := min(1, max(0, (v-low)/(high-low))) * float64(len(anchors)-1)
	i := min(int(at), len(anchors)-2)
	part := at - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + part*(float64(b)-float64(a)))) }
	a, b := anchors[i], anchors[i+1]
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}
