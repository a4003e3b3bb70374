// SPDX-License-Identifier: Apache-2.0

package table

import (
	"vsim/vsimlib/baseline"
	"vsim/vsimlib/confidence"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/score"
	"vsim/vsimlib/study/task"
)

// comparison has the cosines and scores of all models of a grid.
type comparison struct {
	scored  *task.EmbedWork // names the part that is scored; nil where no task is done
	labels  []float64
	pairs   *confidence.Pairs
	cosines [][][]float64 // by cell, seed and pair; nil where the model failed
	cells   [][]*scored   // by cell and seed
}

// compare scores the models of every cell and seed on the pairs.
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
	all, err := scoreAll(flat, c.labels)
	if err != nil {
		return nil, err
	}
	for k := range g.Cells {
		c.cells = append(c.cells, all[k*len(g.Seeds):(k+1)*len(g.Seeds)])
	}
	return c, nil
}

// read returns the cosines of a task's embeddings, nil where it is not done, and takes its pairs, the same for all.
func (c *comparison) read(test *task.Task) ([]float64, error) {
	if !test.Done() {
		return nil, nil
	}
	pairs, err := score.Pairs(test.Scored())
	if err != nil {
		return nil, err
	}
	set, err := embeddings.Read(test.EmbeddingsFile())
	if err != nil {
		return nil, err
	}
	if c.labels == nil {
		c.scored, c.labels, c.pairs = test.Scored(), schema.Scores(pairs), confidence.NewPairs(schema.Ends(pairs))
	}
	return evaluate.Cosines(set, pairs)
}

// baselines are the scores of the pairs without a model.
func (c *comparison) baselines() ([]results.Baseline, error) {
	if c.scored == nil {
		return nil, nil
	}
	open, err := corpus.Open(c.scored.Corpus)
	if err != nil {
		return nil, err
	}
	videos, err := open.Part(c.scored.Part)
	if err != nil {
		return nil, err
	}
	pairs, err := score.Pairs(c.scored)
	if err != nil {
		return nil, err
	}
	list, err := baseline.Scores(videos, pairs)
	for i := range list {
		list[i].Spearman, list[i].Error = round(list[i].Spearman), round(list[i].Error)
	}
	return list, err
}
