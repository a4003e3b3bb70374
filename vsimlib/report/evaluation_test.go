// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/results"
)

func TestEvaluationSummary(t *testing.T) {
	member := func(name string, epochs, steps int, seconds float64) results.Member {
		return results.Member{Model: name, Layout: "cls_first", PretrainEpochs: epochs, PretrainSteps: steps,
			PretrainSeconds: seconds, FinetuneSeconds: 60}
	}
	o := results.Evaluation{
		Scale: competition.ScaleDemo, Members: []results.Member{member("member1", 10, 350, 31.4), member("fresh", 0, 0, 0.6)},
		Ensembles: []results.Joined{
			{Model: "all", Members: []string{"member1", "fresh"}, Part: "pairwise", Dim: 256, Explained: 0.9},
			{Model: "all", Members: []string{"member1", "fresh"}, Part: "test_a", Dim: 256, Explained: 0.98765},
		},
		Scores: []results.Score{
			{Model: "member1", Split: "validation, released", Pairs: 505, LeakedPairs: 505, Spearman: 0.7, MSE: 0.06},
			{Model: "all", Split: "validation, released", Pairs: 505, LeakedPairs: 505, Spearman: 0.72, MSE: 0.05},
			{Model: "member1", Split: "test_a", Pairs: 2893, Spearman: 0.61, MSE: 0.07},
			{Model: "fresh", Split: "test_a", Pairs: 2893, Spearman: 0.621, MSE: 0.0712},
			{Model: "all", Split: "test_a", Pairs: 2893, Spearman: 0.6334, MSE: 0.071},
		},
	}
	want := `- **validation, released** (505 pairs, 505 of them with a clip that is in a training pair too, which raises the score): Spearman member1 0.700 (MSE 0.0600), all 0.720 (MSE 0.0500).
- **test\_a** (2,893 pairs, none of them with a clip that training saw): Spearman member1 0.610 (MSE 0.0700), fresh 0.621 (MSE 0.0712), all 0.633 (MSE 0.0710).
- On test\_a, all of member1 and fresh is 0.012 above its best member, fresh; it keeps 256 floats a video, which hold 98.8% of the squares.
- Pretraining, one pair of runs: on test\_a, member1 (10 epochs of it) is 0.011 below fresh, which has none.
- Pretraining and finetuning took, with compilation and validation: member1 31 s and 60 s, fresh 1 s and 60 s.`
	got, err := EvaluationSummary(o)
	if err != nil || got != want {
		t.Errorf("words (%v)\n%s, want\n%s", err, got, want)
	}
	o.Scale = competition.ScaleTiny
	if got, _ := EvaluationSummary(o); !strings.HasPrefix(got, "- This is scale `tiny`") {
		t.Errorf("at tiny %q", got)
	}
	if _, err := EvaluationSummary(results.Evaluation{}); err == nil {
		t.Error("words about nothing")
	}
}
