// SPDX-License-Identifier: Apache-2.0

package table

import (
	"slices"

	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
)

// Collect makes the table of a grid whose tasks have come to their end.
func Collect(g *study.Grid) (*results.Table, error) {
	t := &results.Table{
		Study: g.Name, Question: g.Question, Scale: g.Scale, Corpus: g.Corpus(), Seeds: g.Seeds, Baseline: g.Baseline, Base: g.Base,
		Scored:    results.Scored{Metric: "spearman", Part: g.Scored()},
		Intervals: results.Intervals{Level: level, Draws: draws, Method: method},
	}
	if g.Axis.Label != "" {
		t.Axis = &g.Axis
	}
	c, err := compare(g)
	if err != nil {
		return nil, err
	}
	t.Scored.Pairs = len(c.labels)
	baseline := slices.IndexFunc(g.Cells, func(cell study.Cell) bool { return cell.Label == g.Baseline })
	for k, cell := range g.Cells {
		row := results.Cell{Label: cell.Label, Series: cell.Series, Settings: cell.Settings(), Published: cell.Published,
			Errors: failures(g, k)}
		if t.Axis != nil {
			row.X = &cell.X
		}
		fill(&row, c.cells[k], c.cells[baseline], k == baseline)
		t.Cells = append(t.Cells, row)
	}
	t.Computed, t.Mixed = computed(g)
	if len(g.Dims) > 0 {
		if t.Ensembles, err = ensembles(g, c, c.cells[baseline]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// failures are those of a cell, by seed.
func failures(g *study.Grid, cell int) []results.Failure {
	var list []results.Failure
	for i, seed := range g.Seeds {
		test := g.Chain(cell, i).Test
		if test.Done() {
			continue
		}
		f := results.Failure{Seed: seed, Task: string(test.Kind), Error: "not done"}
		if b := g.Blocked(test); b != nil {
			f.Task, f.Error = string(b.Kind), b.Failure()
		}
		list = append(list, f)
	}
	return list
}
