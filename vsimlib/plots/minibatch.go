// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// kindLooks are the colours and letters of the kinds of positions: what was chosen to be predicted has a letter.
var kindLooks = [results.NumKinds]struct {
	color  color.RGBA
	letter string
}{
	results.Padding:      {color.RGBA{246, 246, 246, 255}, ""},
	results.SpecialToken: {color.RGBA{200, 200, 200, 255}, ""},
	results.Word:         {color.RGBA{153, 199, 224, 255}, ""},
	results.WordMasked:   {color.RGBA{0, 60, 110, 255}, "M"},
	results.WordReplaced: {color.RGBA{0, 60, 110, 255}, "r"},
	results.WordKept:     {color.RGBA{153, 199, 224, 255}, "k"},
	results.Frame:        {color.RGBA{240, 200, 110, 255}, ""},
	results.FrameZeroed:  {color.RGBA{120, 70, 0, 255}, "0"},
}

func readMinibatch(resultsFile string) (m results.Minibatch, err error) {
	if err = results.ReadKey(resultsFile, "minibatch", &m); err != nil {
		return m, err
	}
	if len(m.Positions) == 0 || len(m.Positions[0]) == 0 || len(m.Kinds) != len(kindLooks) {
		return m, errors.New("the minibatch has no positions")
	}
	for _, row := range m.Positions {
		for _, kind := range row {
			if kind < 0 || kind >= len(kindLooks) || len(row) != len(m.Positions[0]) {
				return m, fmt.Errorf("a position of kind %d", kind)
			}
		}
	}
	return m, nil
}

// Masks draws the "minibatch" of a results file, a row a video: what is at each position of the sequence, and what of it is hidden.
func Masks(resultsFile string) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		m, err := readMinibatch(resultsFile)
		if err != nil {
			return nil, err
		}
		rows, columns := len(m.Positions), len(m.Positions[0])
		p := figure.NewGridPanel("One minibatch, a row a video", "position in the sequence", "video", figure.Grid{
			Rows: rows, Columns: columns,
			Color:  func(i, j int) color.Color { return kindLooks[m.Positions[i][j]].color },
			Letter: func(i, j int) string { return kindLooks[m.Positions[i][j]].letter },
		})
		counts := make([]int, len(kindLooks))
		d := &figure.Drawing{Width: 7.4 * vg.Inch, Panels: [][]*plot.Plot{{p}}, Key: &figure.Key{Columns: 4},
			Header: []string{"video", "place", "kind"}}
		for i, row := range m.Positions {
			for j, kind := range row {
				counts[kind]++
				d.Rows = append(d.Rows, []string{strconv.Itoa(i + 1), strconv.Itoa(j + 1), m.Kinds[kind]})
			}
		}
		d.Alt = "Positions of a minibatch by kind:"
		for kind, name := range m.Kinds {
			look := kindLooks[kind]
			d.Key.Entries = append(d.Key.Entries, figure.Entry{Name: fmt.Sprintf("%s (%d)", name, counts[kind]), Color: look.color,
				Letter: look.letter})
			d.Alt += fmt.Sprintf(" %s %d;", name, counts[kind])
		}
		d.Height = vg.Length(rows)*0.115*vg.Inch + 1.1*vg.Inch + d.Key.Height()
		return d, nil
	}}
}

// Packed draws the same minibatch as it is computed on, several videos a row, and which positions of the first row may attend to
// which.
func Packed(resultsFile string) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		m, err := readMinibatch(resultsFile)
		if err != nil {
			return nil, err
		}
		if len(m.Segment) == 0 || len(m.Segment[0]) == 0 {
			return nil, errors.New("the minibatch is not packed")
		}
		rows, length := len(m.Segment), len(m.Segment[0])
		fillers := 0
		d := &figure.Drawing{Width: 7.4 * vg.Inch, Height: 3.6 * vg.Inch, Header: []string{"row", "place", "video"}}
		for i, row := range m.Segment {
			if len(row) != length {
				return nil, errors.New("packed rows of different lengths")
			}
			for j, video := range row {
				if video < 0 {
					fillers++
				}
				d.Rows = append(d.Rows, []string{strconv.Itoa(i + 1), strconv.Itoa(j + 1), strconv.Itoa(int(video) + 1)})
			}
		}
		packed := figure.NewGridPanel("The same videos, packed", "position in the packed row", "row", figure.Grid{
			Rows: rows, Columns: length,
			Color:  func(i, j int) color.Color { return segmentColor(m.Segment[i], j) },
			Letter: func(i, j int) string { return segmentLetter(m.Segment[i], j) },
		})
		first := m.Segment[0]
		block := figure.NewGridPanel("Who may attend to whom, row 1", "to position", "from position", figure.Grid{
			Rows: length, Columns: length,
			Color: func(i, j int) color.Color {
				if first[i] == first[j] {
					return segmentColor(first, i)
				}
				return kindLooks[results.Padding].color
			},
		})
		d.Panels = [][]*plot.Plot{{packed, block}}
		d.Alt = fmt.Sprintf("The minibatch's %d videos side by side in %d rows of %d positions, of which %d are fillers; "+
			"attention stays inside each video's block.", len(m.Positions), rows, length, fillers)
		return d, nil
	}}
}

// segmentColor gives neighbouring videos of a packed row two different shades.
func segmentColor(row []int32, at int) color.Color {
	if row[at] < 0 {
		return kindLooks[0].color
	}
	turn := 0
	for i := 1; i <= at; i++ {
		if row[i] != row[i-1] {
			turn++
		}
	}
	return []color.RGBA{{0, 114, 178, 255}, {170, 208, 229, 255}}[turn%2]
}

// segmentLetter writes a video's number into its second position; every video has its special tokens at least.
func segmentLetter(row []int32, at int) string {
	if row[at] < 0 || at == 0 || row[at-1] != row[at] || at > 1 && row[at-2] == row[at] {
		return ""
	}
	return strconv.Itoa(int(row[at]) + 1)
}
