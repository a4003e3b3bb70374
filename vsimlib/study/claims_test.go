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
- Below the baseline, corrected for 4 comparisons: **no pretraining** −0.1100 [−0.1300, −0.0900].
- Leaning above it, by this comparison alone: **tag + MLM** +0.0200 [+0.0100, +0.0300].
- Undecided, with an interval that contains zero: **tag** +0.0000 [−0.0200, +0.0200].
- pretraining helps: **holds**.
- all three tasks beat tags alone: **undecided**.
- masked tokens help in addition to tags: **undecided**.
- masked frames help in addition to tags and tokens: **leans the other way**.`
	if got := summary(resultstest.TasksTable()); got != want {
		t.Errorf("words\n%s, want\n%s", got, want)
	}
	table := resultstest.TasksTable()
	table.Scale = Tiny
	if got := summary(table); !strings.HasPrefix(got, "- Scale `tiny`") || strings.Contains(got, "holds") ||
		strings.Count(got, "no verdict") != 5 {
		t.Errorf("at tiny %q", got)
	}
}

// TestClaims: a verdict is of the difference the right way round whichever of the two cells is the baseline, also where neither is;
// published differences are of one source.
func TestClaims(t *testing.T) {
	list := Claims(resultstest.TasksTable(), "tasks-emoji")
	if len(list) != 4 {
		t.Fatalf("%d claims", len(list))
	}
	for i, want := range []struct {
		mean, low, high float64
		agree           int
		verdict         results.Verdict
	}{{.11, .09, .13, 3, results.Holds}, {0, -.02, .02, 1, results.Undecided}, {0, -.02, .02, 1, results.Undecided},
		{-.02, -.03, -.01, 0, results.LeansBack}} {
		c := list[i]
		if c.Mean != want.mean || c.Low != want.low || c.High != want.high || c.Agree != want.agree || c.Verdict != want.verdict ||
			c.Study != "tasks-emoji" {
			t.Errorf("%s: %+v, want %+v", c.Claim, c, want)
		}
	}
	if p := list[2].Published; p == nil || *p < .0025 || *p > .0027 {
		t.Errorf("published difference %v", p)
	}
	if list[0].Published != nil {
		t.Errorf("no pretraining has no published figure, got %g", *list[0].Published)
	}
	words := report.ClaimsSummary(results.Claims{Scale: Demo, Claims: list})
	if !strings.Contains(words, "**Hold here** (1 of 4): pretraining helps (controlled, +0.1100)") ||
		!strings.Contains(words, "**Lean to one side** (1 of 4): masked frames") {
		t.Errorf("words %s", words)
	}
}
