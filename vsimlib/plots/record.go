// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// Frames draws the frames of the "record" of a results file: their features, and the cosines between them.
func Frames(resultsFile string) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		var r results.Record
		if err := results.ReadKey(resultsFile, "record", &r); err != nil {
			return nil, err
		}
		n := len(r.Frames)
		if n == 0 || len(r.Frames[0]) == 0 || len(r.Cosines) != n {
			return nil, errors.New("the record has no frames")
		}
		width, top := len(r.Frames[0]), 0.0
		for _, frame := range r.Frames {
			if len(frame) != width {
				return nil, errors.New("frames of different widths")
			}
			for _, v := range frame {
				top = max(top, math.Abs(float64(v)))
			}
		}
		top = min(top, 4) // a few large values would leave the rest grey
		d := &figure.Drawing{Width: 7.4 * vg.Inch, Header: []string{"frame", "feature", "value"},
			Key: figure.ScaleKey("value of a feature", figure.Shades, -top, top)}
		d.Height = 2.6*vg.Inch + d.Key.Height()
		features := figure.NewGridPanel("The frames' features", "feature", "frame",
			figure.Grid{Rows: n, Columns: width,
				Color: func(i, j int) color.Color { return figure.Shades(float64(r.Frames[i][j]), -top, top) }})
		cosines := figure.NewGridPanel("Cosine between frames", "frame", "frame",
			figure.Grid{Rows: n, Columns: n, Color: func(i, j int) color.Color { return figure.Blues(r.Cosines[i][j], 0, 1) },
				Letter: func(i, j int) string { return fmt.Sprintf("%.2f", r.Cosines[i][j]) }})
		d.Panels = [][]*plot.Plot{{features, cosines}}
		for i, frame := range r.Frames {
			for j, v := range frame {
				d.Rows = append(d.Rows, []string{strconv.Itoa(i + 1), strconv.Itoa(j + 1), figure.Number32(v)})
			}
		}
		d.Alt = fmt.Sprintf("The %d frames of a clip as rows of %d features, and the cosine of each pair of frames: "+
			"%.2f between the first and the last.", n, width, r.Cosines[0][n-1])
		return d, nil
	}}
}
