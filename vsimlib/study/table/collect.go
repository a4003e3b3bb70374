// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"slices"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/score"
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
		row := results.Cell{Label: cell.Label, Series: cell.Series, Settings: settings(cell), Published: cell.Published,
			Errors: failures(g, k)}
		if t.Axis != nil {
			row.X = &cell.X
		}
		fill(&row, c.cells[k], c.cells[baseline], k == baseline)
		t.Cells = append(t.Cells, row)
	}
	if len(g.Dims) > 0 {
		if t.Ensembles, err = ensembles(g, c, c.cells[baseline]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// settings are those of the cell over the base, in words.
func settings(c study.Cell) []string {
	var list []string
	if c.Member > 0 {
		list = append(list, string(study.Member(c.Member))+" of six")
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

// comparison has the cosines and scores of all models of a grid.
type comparison struct {
	labels  []float64
	cosines [][][]float64 // by cell, seed and pair; nil where the model failed
	cells   [][]scores    // by cell and seed
}

// compare scores the models of every cell and seed on the pairs and their resamples.
func compare(g *study.Grid) (*comparison, error) {
	c := &comparison{cosines: make([][][]float64, len(g.Cells))}
	var flat [][]float64
	for k := range g.Cells {
		for i := range g.Seeds {
			cosines, err := c.read(g.Chain(k, i).Test)
			if err != nil {
				return nil, err
			}
			c.cosines[k] = append(c.cosines[k], cosines)
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

// read returns the cosines of a task's embeddings, nil where it is not done, and takes the labels of its pairs, the same for all.
func (c *comparison) read(test *study.Task) ([]float64, error) {
	if !test.Done() {
		return nil, nil
	}
	pairs, err := score.Pairs(test.Embed)
	if err != nil {
		return nil, err
	}
	set, err := embeddings.Read(test.EmbeddingsFile())
	if err != nil {
		return nil, err
	}
	if c.labels == nil {
		for _, p := range pairs {
			c.labels = append(c.labels, p.Score)
		}
	}
	return evaluate.Cosines(set, pairs)
}
