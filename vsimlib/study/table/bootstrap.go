// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"math/rand/v2"
	"slices"

	"vsim/vsimlib/parallel"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/results"
)

// Of the intervals.
const (
	draws         = 1000
	level         = 0.95
	bootstrapSeed = 2021
)

// method says in the table how its intervals are made.
const method = "Percentile bootstrap. A draw takes the scored pairs with replacement and, apart from them, the seeds with " +
	"replacement, the same pairs and seeds for every cell; its value is the mean over the seeds drawn of Spearman on the pairs " +
	"drawn, or of its difference to the baseline's under the same seed. Pairs that share videos are taken as independent and a few " +
	"seeds stand for all, so the true intervals are wider."

// scores are the Spearman of one model on the resamples of the pairs: the whole of them first, then a draw each. nil: the model
// failed.
type scores []float64

// resample scores models, each given by the cosines of the pairs (nil: it failed), on the same resamples of the pairs.
func resample(cosines [][]float64, labels []float64) ([]scores, error) {
	models, out := make([]*rank.Resampler, len(cosines)), make([]scores, len(cosines))
	side := rank.NewLabels(labels)
	for m, c := range cosines {
		if c == nil {
			continue
		}
		var err error
		if models[m], err = rank.NewResampler(c, side); err != nil {
			return nil, err
		}
		rho, err := rank.Spearman(c, labels)
		if err != nil {
			return nil, err
		}
		out[m] = scores{rho}
	}
	draw := rand.New(rand.NewPCG(bootstrapSeed, 0))
	for first := 0; first < draws; first += atOnce {
		list := resamples(draw, side, len(labels), min(atOnce, draws-first))
		parallel.Each(len(models), func(m int) {
			for _, s := range list {
				if models[m] != nil {
					out[m] = append(out[m], models[m].Spearman(s)) // NaN in a draw of equal labels or cosines, which few pairs give
				}
			}
		})
	}
	return out, nil
}

// atOnce is how many resamples are in memory at a time; a model's cosines stay in the processor's cache for all of them.
const atOnce = 25

// resamples draws the next resamples of n pairs.
func resamples(draw *rand.Rand, labels *rank.Labels, n, draws int) []*rank.Resample {
	list := make([]*rank.Resample, draws)
	for d := range list {
		count := make([]int, n)
		for range n {
			count[draw.IntN(n)]++
		}
		list[d] = labels.Resample(count)
	}
	return list
}

// seedDraws are the seeds of every draw, by their indices among n; another stream than that of the pairs.
func seedDraws(n int) [][]int {
	draw := rand.New(rand.NewPCG(bootstrapSeed, 1))
	out := make([][]int, draws)
	for d := range out {
		out[d] = make([]int, n)
		for i := range out[d] {
			out[d][i] = draw.IntN(n)
		}
	}
	return out
}

// estimate is the mean over the seeds of value, which gives the value of a seed in a draw (0 is the whole). Where there is no
// seed, it is nil.
func estimate(seeds []int, value func(seed, draw int) float64) *results.Estimate {
	if len(seeds) == 0 {
		return nil
	}
	e := &results.Estimate{Seeds: len(seeds)}
	for _, s := range seeds {
		e.Mean += value(s, 0) / float64(len(seeds))
	}
	var means []float64
	for d, drawn := range seedDraws(len(seeds)) {
		mean := 0.
		for _, i := range drawn {
			mean += value(seeds[i], d+1) / float64(len(drawn))
		}
		if !math.IsNaN(mean) {
			means = append(means, mean)
		}
	}
	if len(means) == 0 {
		e.Low, e.High = e.Mean, e.Mean
		return e
	}
	slices.Sort(means)
	e.Low, e.High = rank.Quantile(means, (1-level)/2), rank.Quantile(means, (1+level)/2)
	return e
}

// cellEstimate is the mean of a cell's scores by seed.
func cellEstimate(cell []scores) *results.Estimate {
	return estimate(scored(cell), func(seed, draw int) float64 { return cell[seed][draw] })
}

// difference is that of a cell to the baseline, over the seeds under which both have scores.
func difference(cell, baseline []scores) *results.Estimate {
	return estimate(scored(cell, baseline), func(seed, draw int) float64 { return cell[seed][draw] - baseline[seed][draw] })
}

// scored are the seeds under which all cells have scores.
func scored(cells ...[]scores) []int {
	var seeds []int
	for i := range cells[0] {
		if !slices.ContainsFunc(cells, func(c []scores) bool { return c[i] == nil }) {
			seeds = append(seeds, i)
		}
	}
	return seeds
}

// spread is the standard deviation of the cell's scores over its seeds, with n-1; nil for less than two.
func spread(cell []scores) *float64 {
	seeds := scored(cell)
	if len(seeds) < 2 {
		return nil
	}
	mean, squares := 0., 0.
	for _, i := range seeds {
		mean += cell[i][0] / float64(len(seeds))
	}
	for _, i := range seeds {
		squares += (cell[i][0] - mean) * (cell[i][0] - mean)
	}
	return new(math.Sqrt(squares / float64(len(seeds)-1)))
}
