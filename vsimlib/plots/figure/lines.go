// SPDX-License-Identifier: Apache-2.0

package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// AddLine draws a line of a width, in points, through points, and enters it into the legend; "" leaves it out there.
func AddLine(p *plot.Plot, xys plotter.XYs, width float64, as Look, legend string) error {
	line, err := plotter.NewLine(xys)
	if err != nil {
		return err
	}
	line.Color, line.Width, line.Dashes = as.Color, vg.Points(width), as.Dash
	p.Add(line)
	if legend != "" {
		p.Legend.Add(legend, line)
	}
	return nil
}

// AddJoinedMarks draws points as marks joined by a line.
func AddJoinedMarks(p *plot.Plot, xys plotter.XYs, as Look, legend string) error {
	line, marks, err := plotter.NewLinePoints(xys)
	if err != nil {
		return err
	}
	line.Color, line.Width, line.Dashes = as.Color, vg.Points(1), as.Dash
	marks.Color, marks.Shape, marks.Radius = as.Color, as.Mark, vg.Points(2.6)
	p.Add(line, marks)
	if legend != "" {
		p.Legend.Add(legend, line, marks)
	}
	return nil
}

// AddMarks draws points as marks that no line joins.
func AddMarks(p *plot.Plot, xys plotter.XYs, as Look, legend string) error {
	marks, err := plotter.NewScatter(xys)
	if err != nil {
		return err
	}
	marks.Color, marks.Shape, marks.Radius = as.Color, as.Mark, vg.Points(3.2)
	p.Add(marks)
	p.Legend.Add(legend, marks)
	return nil
}
