// SPDX-License-Identifier: Apache-2.0

package table

import (
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/score"
)

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
		c.labels = schema.Scores(pairs)
	}
	return evaluate.Cosines(set, pairs)
}
