// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bandShare is how much of a band covers what is behind it: of two bands both are seen.
const bandShare = 56

// AddBand fills between the ends of the intervals of estimates, which are in the order of their values.
func AddBand(p *plot.Plot, w Whiskered, as Look) error {
	var edge plotter.XYs
	for i, x := range w.At {
		edge = append(edge, plotter.XY{X: x, Y: w.List[i].Low})
	}
	for i := w.Len() - 1; i >= 0; i-- {
		edge = append(edge, plotter.XY{X: w.At[i], Y: w.List[i].High})
	}
	band, err := plotter.NewPolygon(edge)
	if err != nil {
		return err
	}
	mix := func(v uint8) uint8 { return uint8(int(v) * bandShare / 255) } // color.RGBA is premultiplied
	band.Color = color.RGBA{mix(as.Color.R), mix(as.Color.G), mix(as.Color.B), bandShare}
	band.LineStyle.Width = 0
	p.Add(band)
	return nil
}

// AddBars draws estimates as bars of a width from zero, in the units of the axis, with whiskers in their middles: upwards, or
// along x.
func AddBars(p *plot.Plot, w Whiskered, width float64, as Look, along bool) error {
	for i, at := range w.At {
		near, far, end := at-width/2, at+width/2, w.List[i].Mean
		corners := plotter.XYs{{X: near}, {X: near, Y: end}, {X: far, Y: end}, {X: far}}
		for k, c := range corners {
			if along {
				corners[k] = plotter.XY{X: c.Y, Y: c.X}
			}
		}
		bar, err := plotter.NewPolygon(corners)
		if err != nil {
			return err
		}
		bar.Color = Pale(as.Color) // so that all of the whisker is seen
		bar.LineStyle.Color, bar.LineStyle.Width = as.Color, vg.Points(1)
		p.Add(bar)
	}
	return AddWhiskers(p, w, as, along)
}

// AddWhiskers draws the intervals of estimates, of those that have one: upright, or along x.
func AddWhiskers(p *plot.Plot, w Whiskered, as Look, along bool) error {
	var some Whiskered
	for i, e := range w.List {
		if e.High > e.Low {
			some.Add(w.At[i], e)
		}
	}
	if some.Len() == 0 {
		return nil
	}
	line, ends := draw.LineStyle{Color: as.Color, Width: vg.Points(1.2)}, vg.Points(5)
	if along {
		bars, err := plotter.NewXErrorBars(sideways{some})
		if err == nil {
			bars.LineStyle, bars.CapWidth = line, ends
			p.Add(bars)
		}
		return err
	}
	bars, err := plotter.NewYErrorBars(some)
	if err == nil {
		bars.LineStyle, bars.CapWidth = line, ends
		p.Add(bars)
	}
	return err
}

// LogX gives the x axis a logarithmic scale. All values are above zero.
func LogX(p *plot.Plot) {
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{}
}
