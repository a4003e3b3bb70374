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

// TestSharedComparison: a comparison of the same runs in two studies is two claims, and counts once.
func TestSharedComparison(t *testing.T) {
	list := append(Claims(resultstest.TasksTable(), Tasks), Claims(resultstest.TasksTable(), TasksLong)...)
	list[5].Mean = .001
	words := report.ClaimsSummary(results.Claims{Scale: Demo, Claims: list})
	if !strings.Contains(words, "The 8 rows are 5 comparisons,") || !strings.Contains(words, "**Hold here** (1 of 5): pretraining") {
		t.Errorf("words %s", words)
	}
}

// TestWeightsMatter: the claim is of the least probable difference, the higher cell first, under the correction for all of them.
func TestWeightsMatter(t *testing.T) {
	table := &results.Table{Study: LossWeights, Scale: Demo, Corpus: "controlled: 10 videos", Baseline: TagWeightByCount,
		Cells: []results.Cell{{Label: TagWeightByCount, Scores: resultstest.Scores(.60, .62, .61)},
			{Label: LossOff("mlm"), Scores: resultstest.Scores(.62, .64, .60), Difference: resultstest.Difference(.01, -.02, .04, .3, .6)},
			{Label: LossOff("mfm"), Scores: resultstest.Scores(.57, .59, .58),
				Difference: resultstest.Difference(-.03, -.04, -.02, .01, .02)}}}
	c := Claims(table, LossWeights)[0]
	if c.Claim != "suitable weights of the losses matter: tag weight G/24 against mfm off" || c.Mean != .03 || c.Low != .02 ||
		c.High != .04 || c.Agree != 3 || c.Verdict != results.Holds {
		t.Errorf("%+v", c)
	}
	table.Cells[2].Difference.Holm = new(.06)
	if c := Claims(table, LossWeights)[0]; c.Verdict != results.Leans {
		t.Errorf("not after the correction: %s", c.Verdict)
	}
	table.Cells = table.Cells[:1]
	if list := Claims(table, LossWeights); len(list) != 0 {
		t.Errorf("no other cell: %+v", list)
	}
}

// TestSources: every claim says where it was published and what it says there, and the list of a table says it once.
func TestSources(t *testing.T) {
	for _, c := range claims {
		if c.source.Where == "" || !strings.HasSuffix(c.source.Words, ".") {
			t.Errorf("%s: source %+v", c.words, c.source)
		}
	}
	list := Claims(resultstest.TasksTable(), Tasks)
	words := report.ClaimsSources(list)
	if strings.Count(words, "\n- ") != 2 || strings.Count(words, "table of tasks") != 1 {
		t.Errorf("sources %s", words)
	}
}

// TestPlan: a claim that is open reports whether ten seeds would decide it.
func TestPlan(t *testing.T) {
	list := Claims(resultstest.TasksTable(), Tasks)
	list[1].Ten, list[3].Ten, list[0].Ten = new(.3), new(.01), new(.001)
	words := report.ClaimsSummary(results.Claims{Scale: Demo, Claims: list})
	if !strings.Contains(words, "\n- If means and errors stay, ten seeds would decide: masked frames help in addition to tags and tokens (tasks).\n") ||
		!strings.Contains(words, "\n- Ten seeds would leave open: all three tasks beat tags alone (tasks).") {
		t.Errorf("words %s", words)
	}
}
