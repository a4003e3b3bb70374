// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"testing"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/results/resultstest"
)

// TestStudyScores: a row for each cell and seed; a cell without a setting has the base's value, one of the members none.
func TestStudyScores(t *testing.T) {
	base, _ := recipe.Preset("tiny")
	table := &results.Table{Seeds: []int64{1, 7}, Base: base, Scored: results.Scored{Metric: "spearman"}, Cells: []results.Cell{
		{Label: "base", Scores: resultstest.Scores(.5, .25)},
		{Label: "rate", Settings: []string{"finetune.lr_encoder=1e-05", "model.layout=frames_first"},
			Scores: []*float64{nil, new(.125)}},
		{Label: "member", Settings: []string{"member 2 of six", "finetune.lr_encoder=0.1"}, Scores: resultstest.Scores(.5)},
		{Label: "tuned", Settings: []string{"model.pooling=cls from finetuning on"}},
	}, Ensembles: &results.EnsembleTable{Joined: []results.Cell{{Label: "all", Scores: resultstest.Scores(.75, .75)}}}}
	got := ""
	for _, row := range StudyScores(table) {
		got += fmt.Sprintf("%q\n", row)
	}
	const want = `["cell" "finetune.lr_encoder" "model.layout" "seed" "spearman"]
["base" "0.001" "cls_first" "1" "0.5"]
["base" "0.001" "cls_first" "7" "0.25"]
["rate" "1e-05" "frames_first" "1" ""]
["rate" "1e-05" "frames_first" "7" "0.125"]
["member" "0.1" "" "1" "0.5"]
["member" "0.1" "" "7" ""]
["tuned" "" "" "1" ""]
["tuned" "" "" "7" ""]
["all" "" "" "1" "0.75"]
["all" "" "" "7" "0.75"]
`
	if got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}
