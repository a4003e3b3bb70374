// SPDX-License-Identifier: Apache-2.0

package study

import (
	"strings"
	"testing"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/results/resultstest"
)

func summary(t *results.Table) string { return report.StudySummary(t, Claims(t, t.Study)) }

func TestStudyWords(t *testing.T) {
	want := `- On the corpus **controlled**, “tag + MLM + MFM”, with which the others are compared, scores 0.6200 ± 0.0100 (3 seeds).
- Above the baseline, with an interval that excludes zero: **tag + MLM** +0.0200 [+0.0100, +0.0300].
- Below the baseline, with an interval that excludes zero: **no pretraining** −0.1100 [−0.1300, −0.0900].
- Not clearly different from the baseline, with an interval that contains zero: **tag** +0.0000 [−0.0200, +0.0200].
- pretraining helps: **holds**.
- all three tasks beat tags alone: **undecided, the interval contains zero**.
- masked tokens help in addition to tags: **undecided, holds in 1 of 2 seeds**.
- masked frames help in addition to tags and tokens: **does not hold, the other way round**.`
	if got := summary(resultstest.TasksTable()); got != want {
		t.Errorf("words\n%s, want\n%s", got, want)
	}
	table := resultstest.TasksTable()
	table.Scale = Tiny
	if got := summary(table); !strings.HasPrefix(got, "- Scale `tiny`") {
		t.Errorf("at tiny %q", got)
	}
}

// TestClaims: a verdict is by the interval, the right way round whichever of the two cells is the baseline, and by the seeds
// where there is none; published differences are of the same place.
func TestClaims(t *testing.T) {
	list := Claims(resultstest.TasksTable(), "tasks-emoji")
	if len(list) != 4 {
		t.Fatalf("%d claims", len(list))
	}
	for i, want := range []struct{ ours, low, high float64 }{{.11, .09, .13}, {0, -.02, .02}, {0, 0, 0}, {.0, -.03, -.01}} {
		c := list[i]
		if diff := c.Ours - want.ours; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s: %g, want %g", c.Claim, c.Ours, want.ours)
		}
		if i == 2 {
			if c.Low != nil || c.Seeds != 2 || c.Agree != 1 || *c.Published < .0025 || *c.Published > .0027 {
				t.Errorf("without the baseline %+v", c)
			}
			continue
		}
		if *c.Low != want.low || *c.High != want.high || c.Study != "tasks-emoji" {
			t.Errorf("%s: [%g, %g], want [%g, %g]", c.Claim, *c.Low, *c.High, want.low, want.high)
		}
	}
	if list[0].Published != nil {
		t.Errorf("no pretraining has no published figure, got %g", *list[0].Published)
	}
	words := report.ClaimsSummary(results.Claims{Scale: Demo, Claims: list})
	if !strings.Contains(words, "**Hold here** (1 of 4): pretraining helps (controlled, +0.1100)") ||
		!strings.Contains(words, "**Do not hold here** (1 of 4): masked frames") {
		t.Errorf("words %s", words)
	}
}
