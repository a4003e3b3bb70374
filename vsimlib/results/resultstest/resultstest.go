// SPDX-License-Identifier: Apache-2.0

// Package resultstest has results for tests.
package resultstest

import "vsim/vsimlib/results"

// Estimate is a mean of three seeds with an interval.
func Estimate(mean, low, high float64) *results.Estimate {
	return &results.Estimate{Mean: mean, Low: low, High: high, Seeds: 3}
}

// Scores are scores by seed.
func Scores(list ...float64) []*float64 {
	var out []*float64
	for _, v := range list {
		out = append(out, new(v))
	}
	return out
}

// TasksTable is a made-up table of the study of pretraining tasks: one cell above the baseline, one below, one open.
func TasksTable() *results.Table {
	t := &results.Table{Study: "tasks", Question: "Does each pretraining task pay?", Scale: "demo",
		Corpus: "controlled: 10 videos", Seeds: []int64{1, 2, 3}, Baseline: "tag + MLM + MFM",
		Scored: results.Scored{Metric: "spearman", Part: "test_a", Pairs: 4000}, Intervals: results.Intervals{Level: .95, Draws: 1000}}
	t.Cells = []results.Cell{
		{Label: "no pretraining", Scores: Scores(.50, .52, .51), Spearman: Estimate(.51, .49, .53), SD: new(.01),
			Difference: Estimate(-.11, -.13, -.09), Settings: []string{"pretrain.epochs=0"}},
		{Label: "tag", Scores: Scores(.60, .63, .63), Spearman: Estimate(.62, .60, .64), SD: new(.0173),
			Difference: Estimate(0, -.02, .02), Published: &results.Published{Spearman: .8786, SD: .002, Where: "w"}},
		{Label: "tag + MLM", Scores: []*float64{new(.61), new(.62), nil},
			Spearman: &results.Estimate{Mean: .615, Low: .60, High: .63, Seeds: 2}, Difference: Estimate(.02, .01, .03),
			Published: &results.Published{Spearman: .8812, Where: "w"},
			Errors:    []results.Failure{{Seed: 3, Task: "pretrain", Error: "no space"}}},
		{Label: "tag + MLM + MFM", Scores: Scores(.61, .62, .63), Spearman: Estimate(.62, .60, .64), SD: new(.01),
			Published: &results.Published{Spearman: .8858, Where: "w"}},
	}
	return t
}
