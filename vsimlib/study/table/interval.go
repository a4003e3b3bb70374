// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat"

	"vsim/vsimlib/confidence"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/results"
)

// level is that of the intervals.
const level = 0.95

// planned is how many seeds a plan for a comparison that is undecided has.
const planned = 10

// method says in the table how its intervals and p-values are made.
const method = "The error of a mean has a part of the seeds (their variance, Student's quantile) and a part of the scored pairs " +
	"(influence functions of Spearman's correlation; pairs that share a video depend on each other), joined after Cochran and Cox. " +
	"Differences are paired by seed and pair; their p-values are corrected for all comparisons of the table after Holm."

// scored is what one model scores on the pairs: Spearman, and the influence of each pair on it. nil: the model failed.
type scored struct {
	rho       float64
	influence []float64
}

// scoreAll scores models, each given by the cosines of the pairs; nil: it failed.
func scoreAll(cosines [][]float64, labels []float64) ([]*scored, error) {
	out := make([]*scored, len(cosines))
	for m, c := range cosines {
		if c == nil {
			continue
		}
		rho, err := rank.Spearman(c, labels)
		if err != nil {
			return nil, err
		}
		influence, err := rank.Influence(c, labels)
		if err != nil {
			return nil, err
		}
		out[m] = &scored{rho, influence}
	}
	return out, nil
}

// minus is the difference of two scores, nil where one of the models failed.
func (s *scored) minus(other *scored) *scored {
	if s == nil || other == nil {
		return nil
	}
	d := &scored{s.rho - other.rho, slices.Clone(s.influence)}
	for i, v := range other.influence {
		d.influence[i] -= v
	}
	return d
}

// meanOf is the mean of several models' scores, nil where one failed.
func meanOf(list []*scored) *scored {
	mean := &scored{}
	for k, s := range list {
		if s == nil {
			return nil
		}
		if k == 0 {
			mean.influence = make([]float64, len(s.influence))
		}
		mean.rho += s.rho / float64(len(list))
		for i, v := range s.influence {
			mean.influence[i] += v / float64(len(list))
		}
	}
	return mean
}

// estimate is the mean of values over their seeds, without those that are nil; nil where all are.
func estimate(seeds []*scored, pairs *confidence.Pairs) *results.Estimate {
	mean := meanError(seeds, pairs)
	if mean == nil {
		return nil
	}
	return withInterval(mean)
}

func withInterval(mean *confidence.Mean) *results.Estimate {
	half := mean.Half(level)
	return &results.Estimate{Mean: round(mean.Value), Low: round(mean.Value - half), High: round(mean.Value + half), Seeds: mean.Seeds}
}

// scoreOf is the estimate of a score. No correlation is outside [-1,1], where the quantile of two seeds can have its interval end.
func scoreOf(seeds []*scored, pairs *confidence.Pairs) *results.Estimate {
	e := estimate(seeds, pairs)
	if e != nil {
		e.Low, e.High = max(e.Low, -1), min(e.High, 1)
	}
	return e
}

// comparisonOf is the estimate of the difference between two cells, over the seeds under which both have scores, with its p-value
// where there are at least two such seeds.
func comparisonOf(cell, other []*scored, pairs *confidence.Pairs) *results.Estimate {
	differences := make([]*scored, len(cell))
	for i, s := range cell {
		differences[i] = s.minus(other[i])
	}
	mean := meanError(differences, pairs)
	if mean == nil {
		return nil
	}
	e := withInterval(mean)
	if e.Seeds < 2 {
		return e
	}
	e.P = new(mean.P()) // correct rounds it
	if e.Seeds < planned {
		e.Ten = new(roundP(mean.WithSeeds(planned).P()))
	}
	return e
}

func meanError(seeds []*scored, pairs *confidence.Pairs) *confidence.Mean {
	var scores []float64
	var influence [][]float64
	for _, s := range seeds {
		if s != nil {
			scores, influence = append(scores, s.rho), append(influence, s.influence)
		}
	}
	if len(scores) == 0 {
		return nil
	}
	return new(confidence.Of(scores, influence, pairs))
}

// correct sets the corrected p-values of all comparisons of a table, which are one family, and then rounds all p-values: a
// correction of rounded ones could be on the other side of results.Alpha.
func correct(t *results.Table) {
	var family []*results.Estimate
	var p []float64
	for _, e := range t.Differences() {
		if e.P != nil {
			family, p = append(family, e), append(p, *e.P)
		}
	}
	for i, v := range confidence.Holm(p) {
		family[i].P, family[i].Holm = new(roundP(p[i])), new(roundP(v))
	}
}

// spread is the standard deviation of the cell's scores over its seeds, with n-1; nil for less than two.
func spread(cell []*scored) *float64 {
	var rhos []float64
	for _, s := range cell {
		if s != nil {
			rhos = append(rhos, s.rho)
		}
	}
	if len(rhos) < 2 {
		return nil
	}
	return new(round(stat.StdDev(rhos, nil)))
}

// round keeps six digits: more say nothing.
func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// roundP keeps four digits of a p-value.
func roundP(p float64) float64 {
	if p <= 0 {
		return 0
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(p, 'e', 3, 64), 64)
	if err != nil {
		return p // it is not finite
	}
	return rounded
}
