// SPDX-License-Identifier: Apache-2.0

// Package studyplots draws figures from tables of studies: cells, scores along an axis, ensembles by their size.
package studyplots

import (
	"fmt"
	"math"
	"slices"

	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/results"
)

// Named is a figure under the name of its files.
type Named struct {
	Kind   string // cells | axis | sizes | law
	Name   string
	Figure figure.Figure
}

// Study returns the figures of a study's table.json: every cell with its interval; where the cells have an axis, the score along
// it; where ensembles have scores, the score by their size, and the law that it follows.
func Study(tableFile string) ([]Named, error) {
	t, err := readStudy(tableFile)
	if err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	var list []Named
	add := func(kind, name string, build func() (*figure.Drawing, error)) {
		list = append(list, Named{kind, name, figure.Figure{Build: build}})
	}
	add("cells", t.Study+"-cells", func() (*figure.Drawing, error) { return drawCells(t) })
	if t.Axis != nil {
		add("axis", t.Study, func() (*figure.Drawing, error) { return drawAxis(t) })
	}
	if joins(t) {
		add("sizes", t.Study+"-sizes", func() (*figure.Drawing, error) { return drawSizes(t) })
		if m := newMeans(t.Ensembles.Means()); m != nil {
			add("law", t.Study+"-law", func() (*figure.Drawing, error) { return drawLaw(t, m) })
		}
	}
	return list, nil
}

// joins reports whether an ensemble has a score: in an unfinished study none may have.
func joins(t *results.Table) bool {
	if t.Ensembles == nil {
		return false
	}
	for _, s := range t.Ensembles.Sizes {
		if s.Spearman != nil {
			return true
		}
	}
	return false
}

func readStudy(file string) (*results.Table, error) {
	t, err := results.ReadTable(file)
	if err != nil {
		return nil, err
	}
	if t.Study == "" || len(t.Cells) == 0 {
		return nil, fmt.Errorf("%s: no table of a study", file)
	}
	for _, c := range t.Cells {
		if e := c.Spearman; e != nil && slices.ContainsFunc([]float64{e.Mean, e.Low, e.High},
			func(v float64) bool { return !(math.Abs(v) <= 1) }) {
			return nil, fmt.Errorf("%s: %s: a correlation outside [-1,1]", file, c.Label)
		}
	}
	return t, nil
}
