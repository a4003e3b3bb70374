// SPDX-License-Identifier: Apache-2.0

// Package resultstest has results for tests.
package resultstest

import "vsim/vsimlib/results"

// Estimate is a mean of three seeds with an interval.
func Estimate(mean, low, high float64) *results.Estimate {
	return &results.Estimate{Mean: mean, Low: low, High: high, Seeds: 3}
}

// Difference is an estimate with its p-values, alone and corrected.
func Difference(mean, low, high, p, holm float64) *results.Estimate {
	e := Estimate(mean, low, high)
	e.P, e.Holm = &p, &holm
	return e
}

// Scores are scores by seed.
func Scores(list ...float64) []*float64 {
	var out []*float64
	for _, v := range list {
		out = append(out, new(v))
	}
	return out
}

// TasksTable is a made-up table of the study of pretraining tasks: one cell leans above the baseline, one is
// below it, one undecided.
func TasksTable() *results.Table {
	t := &results.Table{Study: "tasks", Question: "Does each pretraining task pay?", Scale: "demo",
		Corpus: "controlled: 10 videos", Seeds: []int64{1, 2, 3}, Baseline: "tag + MLM + MFM",
		Scored: results.Scored{Metric: "spearman", Part: "test_a", Pairs: 4000}, Intervals: results.Intervals{Level: .95}}
	t.Cells = []results.Cell{
		{Label: "no pretraining", Scores: Scores(.50, .52, .51), Spearman: Estimate(.51, .49, .53), SD: new(.01),
			Difference: Difference(-.11, -.13, -.09, .0001, .0004), Settings: []string{"pretrain.epochs=0"}},
		{Label: "tag", Scores: Scores(.60, .63, .63), Spearman: Estimate(.62, .60, .64), SD: new(.0173),
			Difference: Difference(0, -.02, .02, 1, 1), Published: &results.Published{Spearman: .8786, SD: .002, Where: "w"}},
		{Label: "tag + MLM", Scores: []*float64{new(.61), new(.62), nil},
			Spearman: &results.Estimate{Mean: .615, Low: .60, High: .63, Seeds: 2}, Difference: Difference(.02, .01, .03, .02, .06),
			Published: &results.Published{Spearman: .8812, Where: "w"},
			Errors:    []results.Failure{{Seed: 3, Task: "pretrain", Error: "no space"}}},
		{Label: "tag + MLM + MFM", Scores: Scores(.61, .62, .63), Spearman: Estimate(.62, .60, .64), SD: new(.01),
			Published: &results.Published{Spearman: .8858, Where: "w"}},
	}
	t.Comparisons = []results.Comparison{{Higher: "tag + MLM", Lower: "tag", Difference: *Difference(-.0, -.02, .02, .9, 1)}}
	return t
}
