// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// Scores draws the Spearman of every model of the "scores" of a results file, one mark a split, with its value.
func Scores(resultsFile string) figure.Figure {
	return figure.Figure{Build: func() (*figure.Drawing, error) {
		var scores []results.Score
		err := results.ReadKey(resultsFile, "scores", &scores)
		if errors.Is(err, fs.ErrNotExist) {
			name := strings.TrimSuffix(filepath.Base(resultsFile), ".json")
			return nil, fmt.Errorf("%w: nb.Evaluate(%q, MODELS…)", err, name)
		}
		if err != nil {
			return nil, err
		}
		if len(scores) == 0 {
			return nil, fmt.Errorf("%s: no scores", resultsFile)
		}
		return drawScores(scores)
	}}
}

func drawScores(list []results.Score) (*figure.Drawing, error) {
	var models, splits []string
	for _, s := range list {
		if math.IsNaN(s.Spearman) || s.Spearman < -1 || s.Spearman > 1 {
			return nil, errors.New("a correlation outside [-1,1]")
		}
		if !slices.Contains(models, s.Model) {
			models = append(models, s.Model)
		}
		if !slices.Contains(splits, s.Split) {
			splits = append(splits, s.Split)
		}
	}
	title := "Members and their ensemble (E11)"
	if len(models) == 1 {
		title = "The model " + models[0] + " (E11)"
	}
	p := figure.NewPanel(title, "Spearman's correlation of cosine and label", "")
	d := &figure.Drawing{Panels: [][]*plot.Plot{{p}}, Header: []string{"model", "split", "pairs", "leaked_pairs", "spearman", "mse"},
		Alt: "Spearman's correlation by model."}
	d.Width, d.Height = 7.4*vg.Inch, vg.Length(float64(len(models)))*0.38*vg.Inch+1.5*vg.Inch
	for i, split := range splits {
		if err := addSplit(p, split, list, models, figure.LookOf(i), float64(i)-float64(len(splits)-1)/2); err != nil {
			return nil, err
		}
	}
	p.Y.Min, p.Y.Max = -0.7-0.45*float64(len(splits)), float64(len(models))-0.4 // the legend is below the models
	var ticks []plot.Tick
	for i, model := range models {
		ticks = append(ticks, plot.Tick{Value: float64(len(models) - 1 - i), Label: model})
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	margin := 0.22 * max(p.X.Max-p.X.Min, 0.02)
	p.X.Min, p.X.Max = p.X.Min-margin, p.X.Max+margin
	p.Legend.Top, p.Legend.Left = false, true
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(6), vg.Points(5)
	for _, s := range list {
		d.Rows = append(d.Rows, []string{s.Model, s.Split, strconv.Itoa(s.Pairs), strconv.Itoa(s.LeakedPairs), figure.Number(s.Spearman),
			figure.Number(s.MSE)})
		d.Alt += fmt.Sprintf(" %s on %s: %.3f.", s.Model, s.Split, s.Spearman)
	}
	return d, nil
}

// addSplit draws one split's marks, a little above or below the model's line so that marks and values stay apart.
func addSplit(p *plot.Plot, split string, list []results.Score, models []string, as figure.Look, lane float64) error {
	var xys plotter.XYs
	var values []string
	for _, s := range list {
		if s.Split != split {
			continue
		}
		y := float64(len(models)-1-slices.Index(models, s.Model)) - 0.26*lane
		xys = append(xys, plotter.XY{X: s.Spearman, Y: y})
		values = append(values, fmt.Sprintf("%.3f", s.Spearman))
	}
	marks, err := plotter.NewScatter(xys)
	if err != nil {
		return err
	}
	marks.GlyphStyle = draw.GlyphStyle{Color: as.Color, Radius: vg.Points(3.6), Shape: as.Mark}
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: xys, Labels: values})
	if err != nil {
		return err
	}
	for i := range labels.TextStyle {
		labels.TextStyle[i] = p.Legend.TextStyle
		labels.TextStyle[i].YAlign = draw.YCenter
	}
	labels.Offset = vg.Point{X: vg.Points(7)}
	p.Add(marks, labels)
	p.Legend.Add(split, marks)
	return nil
}
