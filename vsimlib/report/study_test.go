// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"

	"vsim/vsimlib/results"
	"vsim/vsimlib/results/resultstest"
)

func TestStudyTable(t *testing.T) {
	table := resultstest.TasksTable()
	if got := StudyCaption(table); !strings.Contains(got,
		"Corpus **controlled** (10 videos), scale `demo`. Spearman on 4,000 pairs (test\\_a)") ||
		!strings.Contains(got, "No score of **tag + MLM** under seed 3 (pretrain: no space).") {
		t.Errorf("caption %s", got)
	}
	table.Baselines = []results.Baseline{{Name: "titles", Spearman: .4324, Error: .03}}
	want := `cell              Spearman          difference  95% interval        p, corrected  published      published difference  settings
no model: titles  0.4324                                                                                               
no pretraining    0.5100 ± 0.0100   −0.1100     [−0.1300, −0.0900]  < 0.001                                            pretrain.epochs=0
tag               0.6200 ± 0.0173   +0.0000     [−0.0200, +0.0200]  1.000         .8786 ± .0020  −0.0072               
tag + MLM         0.6150 (2 seeds)  +0.0200     [+0.0100, +0.0300]  0.060         .8812          −0.0046               
tag + MLM + MFM   0.6200 ± 0.0100                                                 .8858                                
`
	if got := StudyTables(table)[0].String(); got != want {
		t.Errorf("table\n%s, want\n%s", got, want)
	}
	table.Baselines = nil
	table.Ensembles = &results.EnsembleTable{
		Dims: []int{256},
		Joined: []results.Cell{{Label: "all, concatenated", Scores: resultstest.Scores(.7, .7, .7),
			Spearman: resultstest.Estimate(.7, .68, .72), Difference: resultstest.Estimate(.08, .07, .09)}},
		Sizes: []results.EnsembleSize{
			{Size: 1, Subsets: 2, Spearman: resultstest.Estimate(.6, .58, .62), SVD: []*float64{new(.6)}},
			{Size: 2, Subsets: 1, Spearman: resultstest.Estimate(.65, .63, .67), SVD: []*float64{new(.649)}, Fitted: new(.651)},
		},
	}
	tables := StudyTables(table)
	if len(tables) != 2 || len(tables[0].Rows) != 5 || len(tables[1].Rows) != 2 || tables[1].Rows[1][4].Text != "0.6490" {
		t.Errorf("with ensembles %+v", tables)
	}
	words := StudySummary(table, nil)
	for _, want := range []string{"by number of models: 1: 0.6000, 2: 0.6500. What the next one adds: second +0.0500.",
		"all 2 with equal weights: 256 floats a video −0.0010, weights fitted on the held-out pairs +0.0010."} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in\n%s", want, words)
		}
	}
}

// TestNoScore lists the seeds under which a cell has no score, and why.
func TestNoScore(t *testing.T) {
	row := results.Cell{Label: "40 epochs", Errors: []results.Failure{{Seed: 2, Task: "embed", Error: "not done"},
		{Seed: 3, Task: "embed", Error: "not done"}}}
	if got := noScore(row); got != "\n\nNo score of **40 epochs** under seeds 2, 3 (embed: not done)." {
		t.Errorf("%q", got)
	}
}

// TestOneSeed: a study of one seed is worded so, and claims no spread over seeds.
func TestOneSeed(t *testing.T) {
	table := resultstest.TasksTable()
	table.Seeds = []int64{7}
	caption, summary, document := StudyCaption(table), StudySummary(table, nil), StudyMarkdown(table)
	if !strings.Contains(caption, "seed 7 alone, so intervals are over pairs only.") || strings.Contains(caption, "deviation") {
		t.Errorf("caption %s", caption)
	}
	if !strings.Contains(summary, "One seed: the intervals are over pairs alone") {
		t.Errorf("summary %s", summary)
	}
	if !strings.Contains(document, "(test_a); seed 7. ") {
		t.Errorf("document %.300s", document)
	}
}

// TestHeading: a grid without a question is headed by its name, once.
func TestHeading(t *testing.T) {
	table := resultstest.TasksTable()
	table.Study, table.Question = "sweep", "sweep"
	if document := StudyMarkdown(table); !strings.HasPrefix(document, "# sweep\n\nScale") {
		t.Errorf("document %.60q", document)
	}
	table.Question = "Which rate?"
	if document := StudyMarkdown(table); !strings.HasPrefix(document, "# sweep: Which rate?\n\nScale") {
		t.Errorf("document %.60q", document)
	}
}
