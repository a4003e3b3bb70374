// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/results"
)

// Whiskered are estimates with their intervals, by their value on the other axis.
type Whiskered struct {
	At   []float64
	List []results.Estimate
}

// Len counts the estimates.
func (w Whiskered) Len() int { return len(w.At) }

// XY is the value and the mean of the i-th estimate.
func (w Whiskered) XY(i int) (x, y float64) { return w.At[i], w.List[i].Mean }

// YError is how far the i-th interval reaches below and above the estimate.
func (w Whiskered) YError(i int) (low, up float64) {
	e := w.List[i]
	return e.Mean - e.Low, e.High - e.Mean
}

// Add adds an estimate.
func (w *Whiskered) Add(at float64, e results.Estimate) {
	w.At, w.List = append(w.At, at), append(w.List, e)
}

// sideways has mean and value exchanged.
type sideways struct{ Whiskered }

// XY is the mean and the value of the i-th estimate.
func (s sideways) XY(i int) (x, y float64) { y, x = s.Whiskered.XY(i); return x, y }

// XError is YError along x.
func (s sideways) XError(i int) (low, up float64) { return s.YError(i) }

// AddEstimates draws means as marks with whiskers, joined by a line, and returns what the legend shows of them.
func AddEstimates(p *plot.Plot, w Whiskered, as Look) ([]plot.Thumbnailer, error) {
	line, marks, err := plotter.NewLinePoints(w)
	if err != nil {
		return nil, err
	}
	bars, err := plotter.NewYErrorBars(w)
	if err != nil {
		return nil, err
	}
	line.Color, line.Width, line.Dashes = as.Color, vg.Points(1.2), as.Dash
	bars.Color, bars.Width, bars.CapWidth = as.Color, vg.Points(1), vg.Points(5)
	marks.GlyphStyle = draw.GlyphStyle{Color: as.Color, Radius: vg.Points(3.2), Shape: as.Mark}
	p.Add(line, bars, marks)
	return []plot.Thumbnailer{line, marks}, nil
}

// AddSideways draws means with whiskers along x.
func AddSideways(p *plot.Plot, w Whiskered, as Look) (plot.Thumbnailer, error) {
	marks, err := plotter.NewScatter(sideways{w})
	if err != nil {
		return nil, err
	}
	bars, err := plotter.NewXErrorBars(sideways{w})
	if err != nil {
		return nil, err
	}
	bars.Color, bars.Width, bars.CapWidth = as.Color, vg.Points(1.2), vg.Points(6)
	marks.GlyphStyle = draw.GlyphStyle{Color: as.Color, Radius: vg.Points(3.6), Shape: as.Mark}
	p.Add(bars, marks)
	return marks, nil
}

// AddArrows marks points that are farther down than the panel shows.
func AddArrows(p *plot.Plot, xys plotter.XYs) (plot.Thumbnailer, error) {
	marks, err := plotter.NewScatter(xys)
	if err != nil {
		return nil, err
	}
	marks.GlyphStyle = draw.GlyphStyle{Color: InkColor, Radius: vg.Points(3), Shape: downwards{}}
	p.Add(marks)
	return marks, nil
}

// downwards is a triangle that points down.
type downwards struct{}

// DrawGlyph draws it.
func (downwards) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, pt vg.Point) {
	r := sty.Radius
	c.FillPolygon(sty.Color, []vg.Point{{X: pt.X - r, Y: pt.Y + r*0.6}, {X: pt.X + r, Y: pt.Y + r*0.6}, {X: pt.X, Y: pt.Y - r}})
}

// AddDots draws single scores, small and pale.
func AddDots(p *plot.Plot, xys plotter.XYs, as Look) (plot.Thumbnailer, error) {
	dots, err := plotter.NewScatter(xys)
	if err != nil {
		return nil, err
	}
	dots.GlyphStyle = draw.GlyphStyle{Color: Pale(as.Color), Radius: vg.Points(1.8), Shape: draw.CircleGlyph{}}
	p.Add(dots)
	return dots, nil
}
