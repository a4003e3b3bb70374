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
		Intervals: results.Intervals{Level: level, Method: method},
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
		if k == baseline {
			fill(&row, c.cells[k], nil, c.pairs)
		} else {
			fill(&row, c.cells[k], c.cells[baseline], c.pairs)
		}
		t.Cells = append(t.Cells, row)
	}
	t.Computed, t.Mixed = computed(g)
	if len(g.Dims) > 0 {
		if t.Ensembles, err = ensembles(g, c, c.cells[baseline]); err != nil {
			return nil, err
		}
	}
	if t.Baselines, err = c.baselines(); err != nil {
		return nil, err
	}
	t.Comparisons = c.claimed(g)
	correct(t)
	return t, nil
}

// claimed are the differences of the cells that a published claim compares, without those to the baseline, which the cells have.
func (c *comparison) claimed(g *study.Grid) []results.Comparison {
	at := func(label results.Label) int {
		return slices.IndexFunc(g.Cells, func(cell study.Cell) bool { return cell.Label == label })
	}
	var list []results.Comparison
	for _, labels := range study.Claimed(g.Name) {
		higher, lower := at(labels[0]), at(labels[1])
		if higher < 0 || lower < 0 || slices.Contains(labels[:], g.Baseline) {
			continue
		}
		if e := comparisonOf(c.cells[higher], c.cells[lower], c.pairs); e != nil {
			list = append(list, results.Comparison{Higher: labels[0], Lower: labels[1], Difference: *e})
		}
	}
	return list
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
