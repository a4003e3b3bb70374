// SPDX-License-Identifier: Apache-2.0

package studyplots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// sourceWords say where the scores of a figure are from.
func sourceWords(t *results.Table) string {
	return fmt.Sprintf("%s scale, %s", t.Scale, t.Corpus)
}

// studyTitle is a figure's title, with the corpus below it.
func studyTitle(t *results.Table, title string) string {
	corpus, _, _ := strings.Cut(t.Corpus, ":")
	return fmt.Sprintf("%s\nCorpus %s, scale %s", title, corpus, t.Scale)
}

// scoreLabel is that of an axis of scores.
func scoreLabel(t *results.Table) string {
	return fmt.Sprintf("Spearman on %s pairs (%s)", text.Thousands(t.Scored.Pairs), t.Scored.Part)
}

// differenceTitle is that of the right panel.
func differenceTitle(t *results.Table) string {
	return fmt.Sprintf("Difference to “%s”\nunder the same seeds", t.Baseline)
}

// rightWords say what the right panel has.
func rightWords(t *results.Table) string {
	return fmt.Sprintf("on the right the difference to “%s” under the same seeds", t.Baseline)
}

// intervalWords say what whiskers are.
func intervalWords(t *results.Table) string {
	if len(t.Seeds) == 1 {
		return fmt.Sprintf("one seed, %.0f%% interval over pairs", 100*t.Intervals.Level)
	}
	return fmt.Sprintf("mean of %d seeds, %.0f%% interval", len(t.Seeds), 100*t.Intervals.Level)
}

// withScore are the cells that have a score.
func withScore(cells []results.Cell) []results.Cell {
	return slices.DeleteFunc(slices.Clone(cells), func(c results.Cell) bool { return c.Spearman == nil })
}

// onAxis is a cell's value on the study's axis, 0 where it has none.
func onAxis(c results.Cell) float64 {
	if c.X == nil {
		return 0
	}
	return *c.X
}

var cellHeader = []string{"cell", "series", "x", "mean", "low", "high", "difference", "difference low", "difference high",
	"by seed"}

// cellRow is a cell's line of the CSV.
func cellRow(c results.Cell) []string {
	seeds := ""
	for i, s := range c.Scores {
		if i > 0 {
			seeds += " "
		}
		if s != nil {
			seeds += figure.Number(*s)
			continue
		}
		seeds += "failed"
	}
	row := []string{string(c.Label), c.Series, figure.Number(onAxis(c)), figure.Number(c.Spearman.Mean), figure.Number(c.Spearman.Low),
		figure.Number(c.Spearman.High), "", "", ""}
	if e := c.Difference; e != nil {
		row[6], row[7], row[8] = figure.Number(e.Mean), figure.Number(e.Low), figure.Number(e.High)
	}
	return append(row, seeds)
}

// legendBelow puts the legend into the lower corner, clear of the axis.
func legendBelow(p *plot.Plot) {
	p.Legend.Top, p.Legend.YOffs = false, vg.Points(5)
}

// widen gives an axis of scores room for its marks, and for some lines of a legend below them.
func widen(axis *plot.Axis, low, high float64, lines int) {
	span := math.Max(0.02, high-low)
	axis.Min, axis.Max = low-(0.05+0.075*float64(lines))*span, high+0.05*span
}
