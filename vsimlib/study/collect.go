// SPDX-License-Identifier: Apache-2.0

package study

import (
	"math"
	"slices"

	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/results"
)

// Collect makes the table of a grid whose tasks have come to their end.
func Collect(g *Grid) (*results.Table, error) {
	t := &results.Table{Study: g.Name, Question: g.Question, Scale: g.Scale, Corpus: g.source.describe(), Seeds: g.Seeds, Baseline: g.Baseline, Base: g.Base,
		Scored: results.Scored{Metric: "spearman", Part: g.source.part()}, Intervals: results.Intervals{Level: level, Draws: draws, Method: method}}
	if g.Axis.Label != "" {
		t.Axis = &g.Axis
	}
	c, err := g.compare()
	if err != nil {
		return nil, err
	}
	t.Scored.Pairs = len(c.labels)
	baseline := slices.IndexFunc(g.Cells, func(cell Cell) bool { return cell.Label == g.Baseline })
	for k, cell := range g.Cells {
		row := results.Cell{Label: cell.Label, Series: cell.Series, Settings: cell.settings(), Published: cell.Published, Errors: g.failures(k)}
		if t.Axis != nil {
			row.X = &cell.X
		}
		fill(&row, c.cells[k], c.cells[baseline], k == baseline)
		t.Cells = append(t.Cells, row)
	}
	if len(g.Dims) > 0 {
		if t.Ensembles, err = g.tableEnsembles(c, c.cells[baseline]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// settings are those of the cell over the base, in words.
func (c Cell) settings() []string {
	var list []string
	if c.Member > 0 {
		list = append(list, string(Member(c.Member))+" of six")
	}
	list = append(list, c.Set...)
	for _, s := range c.Tune {
		list = append(list, s+" from finetuning on")
	}
	return list
}

// fill sets what a row's scores say. baseline has the scores of the baseline.
func fill(r *results.Cell, cell, baseline []scores, same bool) {
	for _, s := range cell {
		if s == nil {
			r.Scores = append(r.Scores, nil)
			continue
		}
		r.Scores = append(r.Scores, new(round(s[0])))
	}
	r.Spearman, r.SD = rounded(cellEstimate(cell)), spread(cell)
	if r.SD != nil {
		*r.SD = round(*r.SD)
	}
	if !same {
		r.Difference = rounded(difference(cell, baseline))
	}
}

// round keeps six digits: more say nothing.
func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

func rounded(e *results.Estimate) *results.Estimate {
	if e == nil {
		return nil
	}
	return &results.Estimate{Mean: round(e.Mean), Low: round(e.Low), High: round(e.High), Seeds: e.Seeds}
}

// failures are those of a cell, by seed.
func (g *Grid) failures(cell int) []results.Failure {
	var list []results.Failure
	for i, seed := range g.Seeds {
		test := g.chains[place{cell, i}].test
		if test.Done() {
			continue
		}
		f := results.Failure{Seed: seed, Task: string(test.Kind), Error: "not done"}
		if b := g.blocked(test); b != nil {
			f.Task, f.Error = string(b.Kind), b.Failure()
		}
		list = append(list, f)
	}
	return list
}

// comparison is what all models of a grid say of the pairs.
type comparison struct {
	labels  []float64
	cosines map[place][]float64
	cells   [][]scores // by cell and seed
}

// compare scores the models of every cell and seed on the pairs and their resamples.
func (g *Grid) compare() (*comparison, error) {
	c := &comparison{cosines: map[place][]float64{}}
	var flat [][]float64
	for k := range g.Cells {
		for i := range g.Seeds {
			test := g.chains[place{k, i}].test
			if !test.Done() {
				flat = append(flat, nil)
				continue
			}
			pairs, err := test.Embed.pairs()
			if err != nil {
				return nil, err
			}
			set, err := test.embeddings()
			if err != nil {
				return nil, err
			}
			cosines, err := evaluate.Cosines(set, pairs)
			if err != nil {
				return nil, err
			}
			if c.labels == nil {
				for _, p := range pairs {
					c.labels = append(c.labels, p.Score)
				}
			}
			c.cosines[place{k, i}] = cosines
			flat = append(flat, cosines)
		}
	}
	all, err := resample(flat, c.labels)
	if err != nil {
		return nil, err
	}
	for k := range g.Cells {
		c.cells = append(c.cells, all[k*len(g.Seeds):(k+1)*len(g.Seeds)])
	}
	return c, nil
}
