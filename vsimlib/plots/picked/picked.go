// SPDX-License-Identifier: Apache-2.0

// Package picked draws which frames a model picks for hidden ones: the matrix of hidden frames and candidates.
package picked

import (
	"errors"
	"fmt"
	"image/color"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// ownClip is the colour of improbable candidates of the hidden frame's own clip.
var ownClip = color.RGBA{225, 225, 225, 255}

// Figure draws a row for each hidden frame and a column for each candidate: its probability as a colour, the hidden frame and the
// picked one as marks.
func Figure(p results.Picked) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		if err := check(p); err != nil {
			return nil, err
		}
		rows, columns, top := len(p.Hidden), len(p.Candidates), highest(p)
		panel := figure.NewGridPanel("Which frame was hidden?", "candidates: all frames, by the number of their clip",
			"hidden frame: its rank", figure.Grid{Rows: rows, Columns: columns,
				Color: func(i, j int) color.Color { return cellColor(p, i, j, top) }})
		panel.X.Tick.Marker, panel.Y.Tick.Marker = clips(p.Candidates), figure.Names(rowNames(p.Hidden), true)
		panel.Y.Tick.Label.Font.Size, panel.Y.Tick.Length, panel.X.Tick.Length = vg.Points(6.5), 0, 0
		key := figure.ScaleKey("probability", figure.Blues, 0, top)
		key.Entries = append(key.Entries, figure.Entry{Name: "same clip", Color: ownClip})
		if err := addMarks(panel, p, key); err != nil {
			return nil, err
		}
		d := &figure.Drawing{Width: 7.4 * vg.Inch, Height: vg.Length(rows)*0.145*vg.Inch + 1.1*vg.Inch + key.Height(),
			Panels: [][]*plot.Plot{{panel}}, Key: key,
			Alt: words(p), Header: []string{"hidden_clip", "hidden_frame", "rank", "candidate_clip", "candidate_frame", "probability"}}
		for _, h := range p.Hidden {
			for j, c := range p.Candidates {
				d.Rows = append(d.Rows, []string{strconv.Itoa(h.Clip + 1), strconv.Itoa(h.Frame + 1), strconv.Itoa(h.Rank),
					strconv.Itoa(c.Clip + 1), strconv.Itoa(c.Frame + 1), figure.Number(h.Probabilities[j])})
			}
		}
		return d, nil
	}}
}

// check refuses what does not fit together.
func check(p results.Picked) error {
	if len(p.Hidden) == 0 {
		return errors.New("no frame is hidden")
	}
	n := len(p.Candidates)
	for i, h := range p.Hidden {
		if len(h.Probabilities) != n || h.True < 0 || h.True >= n || h.Picked < 0 || h.Picked >= n {
			return fmt.Errorf("hidden frame %d does not fit the %d candidates", i+1, n)
		}
	}
	return nil
}

// highest is the highest of all probabilities.
func highest(p results.Picked) float64 {
	top := 0.0
	for _, h := range p.Hidden {
		top = max(top, slices.Max(h.Probabilities))
	}
	return top
}

// cellColor is that of a probability below top, or where it is small, of the hidden frame's own clip.
func cellColor(p results.Picked, i, j int, top float64) color.Color {
	h := p.Hidden[i]
	if h.Probabilities[j] < top/50 && p.Candidates[j].Clip == h.Clip {
		return ownClip
	}
	return figure.Blues(h.Probabilities[j], 0, top)
}

// rowNames are the hidden frames with their ranks.
func rowNames(hidden []results.HiddenFrame) []string {
	var list []string
	for _, h := range hidden {
		list = append(list, fmt.Sprintf("clip %d, frame %d: %d", h.Clip+1, h.Frame+1, h.Rank))
	}
	return list
}

// clips names about twelve clips in the middle of their candidates.
func clips(candidates []results.FrameOf) plot.ConstantTicks {
	last := candidates[len(candidates)-1].Clip
	step := 1 + last/12
	var ticks plot.ConstantTicks
	for from, to := 0, 0; from < len(candidates); from = to {
		for to = from; to < len(candidates) && candidates[to].Clip == candidates[from].Clip; to++ {
		}
		if number := candidates[from].Clip + 1; number%step == 0 {
			ticks = append(ticks, plot.Tick{Value: float64(from+to) / 2, Label: strconv.Itoa(number)})
		}
	}
	return ticks
}

// addMarks draws a ring around each hidden frame and a cross on each picked one.
func addMarks(panel *plot.Plot, p results.Picked, key *figure.Key) error {
	for _, m := range []struct {
		name  string
		at    func(results.HiddenFrame) int
		shape draw.GlyphDrawer
		color color.Color
	}{
		{"hidden", func(h results.HiddenFrame) int { return h.True }, draw.RingGlyph{}, figure.LookOf(1).Color},
		{"picked", func(h results.HiddenFrame) int { return h.Picked }, draw.CrossGlyph{}, color.Black},
	} {
		var points plotter.XYs
		for i, h := range p.Hidden {
			points = append(points, plotter.XY{X: float64(m.at(h)) + 0.5, Y: float64(len(p.Hidden)-i) - 0.5})
		}
		marks, err := plotter.NewScatter(points)
		if err != nil {
			return err
		}
		marks.GlyphStyle = draw.GlyphStyle{Color: m.color, Radius: vg.Points(4), Shape: m.shape}
		panel.Add(marks)
		key.Entries = append(key.Entries, figure.Entry{Name: m.name, Color: m.color, Mark: m.shape})
	}
	return nil
}

// words describe the figure.
func words(p results.Picked) string {
	s := p.Summary
	return fmt.Sprintf("Which of the %s frames of %s the model picks for each of the %s that were hidden from it. %d picks are the "+
		"hidden frame and %d are of its clip; the median rank of the hidden frame is %s, of a random guess %s. The loss is %s, of a "+
		"random guess %s.", text.Thousands(s.Candidates), text.Count(s.Clips, "clip"), text.Thousands(s.Hidden), s.Right, s.SameClip,
		report.Rounded(s.MedianRank), report.Rounded(float64(s.Candidates+1)/2), report.Rounded(s.Loss), report.Rounded(s.Guess))
}
