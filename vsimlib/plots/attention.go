// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// Attention draws the "attention" of a results file, a panel a layer (the first, the middle and the last of many).
func Attention(resultsFile string) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		var a results.Attention
		if err := results.ReadKey(resultsFile, "attention", &a); err != nil {
			return nil, err
		}
		n := len(a.Labels)
		if n == 0 || len(a.Layers) == 0 {
			return nil, errors.New("there is no attention")
		}
		d := &figure.Drawing{Header: []string{"layer", "from", "to", "from_label", "to_label", "attention"},
			Alt: fmt.Sprintf("Attention among the %d positions of a clip, mean over heads.", n)}
		shown := layersShown(len(a.Layers))
		var panels []*plot.Plot
		top := 0.0
		for layer, rows := range a.Layers {
			for i, row := range rows {
				if len(rows) != n || len(row) != n {
					return nil, fmt.Errorf("layer %d does not have %d positions", layer+1, n)
				}
				for j, w := range row {
					top = max(top, w)
					d.Rows = append(d.Rows, []string{strconv.Itoa(layer + 1), strconv.Itoa(i + 1), strconv.Itoa(j + 1), a.Labels[i],
						a.Labels[j], figure.Number(w)})
				}
			}
		}
		for _, layer := range shown {
			rows := a.Layers[layer]
			p := figure.NewGridPanel(fmt.Sprintf("Layer %d", layer+1), "to: C [CLS], f frame, S [SEP], t token", "from",
				figure.Grid{Rows: n, Columns: n, Color: func(i, j int) color.Color { return figure.Blues(rows[i][j], 0, top) }})
			p.X.Tick.Marker, p.Y.Tick.Marker = figure.Names(brief(a.Labels), false), figure.Names(brief(a.Labels), true)
			for _, axis := range []*plot.Axis{&p.X, &p.Y} {
				axis.Tick.Label.Font.Size, axis.Tick.Length = vg.Points(6), 0
			}
			panels = append(panels, p)
		}
		d.Panels, d.Key = [][]*plot.Plot{panels}, figure.ScaleKey("part of the attention", figure.Blues, 0, top)
		d.Width, d.Height = vg.Length(2.5*float64(len(panels)))*vg.Inch, 2.9*vg.Inch+d.Key.Height()
		return d, nil
	}}
}

// layersShown is at most three layers: the first, the middle one, the last.
func layersShown(n int) []int {
	if n <= 3 {
		return []int{0, 1, 2}[:n]
	}
	return []int{0, n / 2, n - 1}
}

// brief makes labels short enough to be side by side, and of letters that the figures' font has: f1 is the first frame, t1 the
// title's first token, C and S are [CLS] and [SEP].
func brief(labels []string) []string {
	var list []string
	token := 0
	for _, label := range labels {
		digits, frame := strings.CutPrefix(label, "frame ")
		switch {
		case frame:
			list = append(list, "f"+digits)
		case label == "[CLS]" || label == "[SEP]":
			list = append(list, label[1:2])
		default:
			token++
			list = append(list, "t"+strconv.Itoa(token))
		}
	}
	return list
}
