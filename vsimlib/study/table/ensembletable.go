// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"slices"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/score"
)

// publishedSizes are the paper's on the competition's second test set.
var publishedSizes = map[int]*results.Published{1: onTest(.836), 2: onTest(.845), 3: onTest(.849), 5: onTest(.852), 6: onTest(.852)}

func onTest(spearman float64) *results.Published {
	return &results.Published{Spearman: spearman, Where: study.PaperSource + ", " + competition.TestB}
}

// ensembles tables the ensembles of all seeds.
func ensembles(g *study.Grid, c *comparison, baseline []*scored) (*results.EnsembleTable, error) {
	e := &results.EnsembleTable{Dims: g.Dims}
	all := score.Subsets(len(g.Cells))
	numbers := g.Members()
	for _, members := range all {
		e.Subsets = append(e.Subsets, results.Subset{Members: score.Pick(numbers, members),
			Scores: make([]*results.EnsembleScores, len(g.Seeds))})
	}
	for i := range g.Seeds {
		t := g.Ensemble(i)
		if !t.Done() {
			continue
		}
		r, err := t.Result()
		if err != nil {
			return nil, err
		}
		if len(r.Ensemble) != len(all) {
			return nil, fmt.Errorf("study: %s: %d subsets, want %d; remove it and run again", t.Dir, len(r.Ensemble), len(all))
		}
		for k := range all {
			e.Subsets[k].Scores[i] = roundedScores(r.Ensemble[k])
		}
	}
	if err := sizes(g, e, c, all); err != nil {
		return nil, err
	}
	return e, joined(g, e, c, baseline)
}

func roundedScores(s results.EnsembleScores) *results.EnsembleScores {
	s.Concat = round(s.Concat)
	for i := range s.SVD {
		s.SVD[i] = round(s.SVD[i])
	}
	for i := range s.Weights {
		s.Weights[i] = round(s.Weights[i])
	}
	if s.Fitted != nil {
		s.Fitted = new(round(*s.Fitted))
	}
	return &s
}

// ofPaper reports whether all cells are members of the paper's, with which the published sizes were made.
func ofPaper(s *study.Study) bool {
	own := func(c study.Cell) bool { return c.Published == nil }
	return s.Name == study.Ensembles && !slices.ContainsFunc(s.Cells, own)
}

// sizes tables the means by size.
func sizes(g *study.Grid, e *results.EnsembleTable, c *comparison, subsets [][]int) error {
	var flat [][]float64 // of every subset, by seed
	for _, members := range subsets {
		for i := range g.Seeds {
			flat = append(flat, c.mixed(members, i))
		}
	}
	all, err := scoreAll(flat, c.labels)
	if err != nil {
		return err
	}
	published := ofPaper(g.Study)
	for n := 1; n <= len(g.Cells); n++ {
		s := results.EnsembleSize{Size: n, SVD: make([]*float64, len(g.Dims))}
		if published {
			s.Published = publishedSizes[n]
		}
		bySeed := make([][]*scored, len(g.Seeds)) // the subsets of the size
		for k, members := range subsets {
			if len(members) != n {
				continue
			}
			s.Subsets++
			for i := range g.Seeds {
				bySeed[i] = append(bySeed[i], all[k*len(g.Seeds)+i])
			}
		}
		means := make([]*scored, len(g.Seeds))
		for i, list := range bySeed {
			means[i] = meanOf(list)
		}
		s.Spearman = scoreOf(means, c.pairs)
		for d := range g.Dims {
			s.SVD[d] = subsetMean(e, n, func(r *results.EnsembleScores) *float64 { return &r.SVD[d] })
		}
		s.Fitted = subsetMean(e, n, func(r *results.EnsembleScores) *float64 { return r.Fitted })
		e.Sizes = append(e.Sizes, s)
	}
	return nil
}

// mixed are the cosines of the concatenation of some members under a seed, nil where one failed.
func (c *comparison) mixed(members []int, seed int) []float64 {
	var list [][]float64
	for _, m := range members {
		cosines := c.cosines[m][seed]
		if cosines == nil {
			return nil
		}
		list = append(list, cosines)
	}
	return score.Mix(list, nil)
}

// subsetMean is that of a value over the subsets of a size and the seeds that have it.
func subsetMean(e *results.EnsembleTable, size int, value func(*results.EnsembleScores) *float64) *float64 {
	sum, n := 0., 0
	for _, s := range e.Subsets {
		for _, r := range s.Scores {
			if len(s.Members) != size || r == nil {
				continue
			}
			if v := value(r); v != nil {
				sum, n = sum+*v, n+1
			}
		}
	}
	if n == 0 {
		return nil
	}
	return new(round(sum / float64(n)))
}

// joined tables all members together: their concatenation, under equal and under fitted weights, and its SVD.
func joined(g *study.Grid, e *results.EnsembleTable, c *comparison, baseline []*scored) error {
	every := score.Subsets(len(g.Cells))
	members := every[len(every)-1]
	labels := []results.Label{study.AllConcatenated}
	for _, dim := range g.Dims {
		labels = append(labels, study.AllTruncated(dim))
	}
	labels = append(labels, study.AllFitted)
	flat := make([][]float64, len(labels)*len(g.Seeds))
	for i := range g.Seeds {
		t := g.Ensemble(i)
		if !t.Done() {
			continue
		}
		m, err := score.ReadMembers(t.Ensemble.Test)
		if err != nil {
			return err
		}
		joiner, err := m.Joiner()
		if err != nil {
			return err
		}
		truncated, _, err := joiner.SVD(members, g.Dims, nil)
		if err != nil {
			return err
		}
		flat[i] = score.Mix(m.Cosines, nil)
		for d := range g.Dims {
			flat[(d+1)*len(g.Seeds)+i] = truncated[d]
		}
		if w := e.Subsets[len(every)-1].Scores[i].Weights; w != nil {
			flat[(len(labels)-1)*len(g.Seeds)+i] = score.Mix(m.Cosines, w)
		}
	}
	all, err := scoreAll(flat, c.labels)
	if err != nil {
		return err
	}
	for k, label := range labels {
		row := results.Cell{Label: label}
		fill(&row, all[k*len(g.Seeds):(k+1)*len(g.Seeds)], baseline, c.pairs)
		e.Joined = append(e.Joined, row)
	}
	return nil
}
