// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/results"
)

// whiskered are estimates with their intervals, along x; sideways they lie along y.
type whiskered struct {
	at   []float64
	list []results.Estimate
}

func (w whiskered) Len() int                { return len(w.at) }
func (w whiskered) XY(i int) (x, y float64) { return w.at[i], w.list[i].Mean }
func (w whiskered) YError(i int) (low, up float64) {
	e := w.list[i]
	return e.Mean - e.Low, e.High - e.Mean
}
func (w *whiskered) add(at float64, e results.Estimate) {
	w.at, w.list = append(w.at, at), append(w.list, e)
}

// sideways has estimate and place exchanged.
type sideways struct{ whiskered }

func (s sideways) XY(i int) (x, y float64)        { y, x = s.whiskered.XY(i); return x, y }
func (s sideways) XError(i int) (low, up float64) { return s.YError(i) }

// addEstimates draws means as marks with whiskers, joined by a line where joined is set, and returns what the legend shows of them.
func addEstimates(p *plot.Plot, w whiskered, as look, joined bool) ([]plot.Thumbnailer, error) {
	line, marks, err := plotter.NewLinePoints(w)
	if err != nil {
		return nil, err
	}
	bars, err := plotter.NewYErrorBars(w)
	if err != nil {
		return nil, err
	}
	line.Color, line.Width, line.Dashes = as.color, vg.Points(1.2), as.dash
	bars.Color, bars.Width, bars.CapWidth = as.color, vg.Points(1), vg.Points(5)
	marks.GlyphStyle = draw.GlyphStyle{Color: as.color, Radius: vg.Points(3.2), Shape: as.mark}
	if !joined {
		p.Add(bars, marks)
		return []plot.Thumbnailer{marks}, nil
	}
	p.Add(line, bars, marks)
	return []plot.Thumbnailer{line, marks}, nil
}

// addSideways draws means and whiskers that lie along x.
func addSideways(p *plot.Plot, w whiskered, as look) (plot.Thumbnailer, error) {
	marks, err := plotter.NewScatter(sideways{w})
	if err != nil {
		return nil, err
	}
	bars, err := plotter.NewXErrorBars(sideways{w})
	if err != nil {
		return nil, err
	}
	bars.Color, bars.Width, bars.CapWidth = as.color, vg.Points(1.2), vg.Points(6)
	marks.GlyphStyle = draw.GlyphStyle{Color: as.color, Radius: vg.Points(3.6), Shape: as.mark}
	p.Add(bars, marks)
	return marks, nil
}

// addDots draws single scores, small and pale.
func addDots(p *plot.Plot, xys plotter.XYs, as look) (plot.Thumbnailer, error) {
	dots, err := plotter.NewScatter(xys)
	if err != nil {
		return nil, err
	}
	dots.GlyphStyle = draw.GlyphStyle{Color: pale(as.color), Radius: vg.Points(1.8), Shape: draw.CircleGlyph{}}
	p.Add(dots)
	return dots, nil
}
