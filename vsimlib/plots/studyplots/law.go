// SPDX-License-Identifier: Apache-2.0

package studyplots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/ensemble/gain"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// means are mean scores by the number of models, and the law that is fitted to them.
type means struct {
	sizes  []int
	scores []float64
	law    gain.Law
}

// newMeans fits the law to the means of at least three sizes, of which the first is 1; nil where these are not known.
func newMeans(sizes []int, scores []float64) *means {
	law, ok := gain.Fit(sizes, scores)
	if !ok || len(sizes) < 3 || sizes[0] != 1 {
		return nil
	}
	return &means{sizes, scores, law}
}

// drawLaw draws the law by which ensembles gain: on the left the mean score against 1/M, with the fitted line to where M has no
// limit; on the right what M models gain over one, here and as published, each with its law.
func drawLaw(t *results.Table, here *means) (*figure.Drawing, error) {
	left := figure.NewPanel(studyTitle(t, "Mean score of all sets of M models"), "1/M", scoreLabel(t))
	right := figure.NewPanel("What M models gain over one,\nand the law of each", "M models", "Difference in Spearman")
	d := &figure.Drawing{Panels: [][]*plot.Plot{{left, right}}, Width: 8.6 * vg.Inch, Height: 3.6 * vg.Inch,
		Header: []string{"of", "models", "score", "law", "gain over one model"},
		Alt: fmt.Sprintf("Mean Spearman of all sets of M models, by 1/M and by M; %s. By least squares it is %s, at most %.4f "+
			"from any mean.", sourceWords(t), here.formula(), here.law.Residual)}
	if err := here.addStraight(left); err != nil {
		return nil, err
	}
	if err := here.addGain(right, d, 0, "here"); err != nil {
		return nil, err
	}
	if published := newMeans(t.Ensembles.PublishedMeans()); published != nil {
		if err := published.addGain(right, d, 2, "published"); err != nil {
			return nil, err
		}
		d.Alt += fmt.Sprintf(" The published scores are %s, at most %.4f from any.", published.formula(), published.law.Residual)
	}
	right.X.Tick.Marker = plot.ConstantTicks(sizeTicks(t.Ensembles))
	right.X.Min, right.X.Max = 0.8, float64(len(t.Ensembles.Sizes))+0.2
	figure.Pad(right)
	legendBelow(right)
	return d, nil
}

// formula writes the law.
func (m *means) formula() string { return m.law.Formula(4) }

// addStraight draws the means against 1/M, along which the law is a straight line.
func (m *means) addStraight(p *plot.Plot) error {
	var points plotter.XYs
	ticks, labelled := []plot.Tick{{Value: 0, Label: "0"}}, 2.
	for i, size := range m.sizes {
		x := 1 / float64(size)
		points = append(points, plotter.XY{X: x, Y: m.scores[i]})
		label := fmt.Sprintf("1/%d", size)
		switch {
		case size == 1:
			label = "1"
		case labelled-x < 0.06:
			label = "" // would touch the last one
		}
		if label != "" {
			labelled = x
		}
		ticks = append(ticks, plot.Tick{Value: x, Label: label})
	}
	line := plotter.XYs{{X: 0, Y: m.law.A}, {X: 1, Y: m.law.At(1)}}
	if err := figure.AddLine(p, line, 1.4, figure.LookOf(1), m.formula()); err != nil {
		return err
	}
	if err := figure.AddMarks(p, points, figure.LookOf(0), "mean of all sets and seeds"); err != nil {
		return err
	}
	p.X.Tick.Marker, p.X.Min, p.X.Max = plot.ConstantTicks(ticks), -0.04, 1.04
	figure.Pad(p)
	return nil
}

// addGain draws what M models gain over one as points, and the law as a line.
func (m *means) addGain(p *plot.Plot, d *figure.Drawing, look int, name string) error {
	var points plotter.XYs
	one := m.scores[0]
	for i, size := range m.sizes {
		points = append(points, plotter.XY{X: float64(size), Y: m.scores[i] - one})
		d.Rows = append(d.Rows, []string{name, fmt.Sprint(size), figure.Number(m.scores[i]), figure.Number(m.law.At(size)),
			figure.Number(m.scores[i] - one)})
	}
	var line plotter.XYs
	for x := 1.; x <= float64(m.sizes[len(m.sizes)-1]); x += 1. / 16 {
		line = append(line, plotter.XY{X: x, Y: m.law.A + m.law.B/x - one})
	}
	if err := figure.AddLine(p, line, 1.4, figure.LookOf(look), ""); err != nil {
		return err
	}
	return figure.AddMarks(p, points, figure.LookOf(look), fmt.Sprintf("%s, %s", name, m.formula()))
}
