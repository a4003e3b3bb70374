// SPDX-License-Identifier: Apache-2.0

package report

import (
	"math"
	"strings"
	"testing"

	"vsim/vsimlib/results"
)

func TestPredictionTables(t *testing.T) {
	filled := FilledTable([]results.Filled{{Title: "t", English: "u", Tokens: []results.FilledToken{
		{Shown: "[MASK] b", Token: "a", Probability: 0.25, Rank: 2, Guesses: []results.Guess{{What: "<c>", Probability: 0.5},
			{What: "a", Probability: 0.25}}},
		{Shown: "a [MASK]", Token: "b", Probability: 1e-9, Rank: 21000},
	}}})
	got := filled.String()
	if !strings.Contains(got, "guess 2") || !strings.Contains(got, "t (u)") || !strings.Contains(got, "a 0.2500 ✓") ||
		!strings.Contains(got, "21,000") || !strings.Contains(got, "1e-09") || !strings.Contains(filled.HTML(), "&lt;c&gt; 0.5000<") {
		t.Errorf("%s", got)
	}
	tags := TagTable([]results.TagGuess{{Rank: 1, Tag: "face (3)", Probability: 0.5, Frequency: 0.125, True: true},
		{Rank: 1200, Tag: "4"}})
	if tags.Rows[0][4].Text != "✓" || tags.Rows[1][4].Text != "" || tags.Rows[1][0].Text != "1,200" ||
		tags.Rows[0][3].Text != "0.1250" {
		t.Errorf("%v", tags)
	}
	picked := PickedTable(results.PickedSummary{Clips: 3, Candidates: 20, Hidden: 4, Right: 2, SameClip: 3, MedianRank: 1.5, Loss: 1,
		Guess: math.Log(20), Information: math.Log(20) - 1})
	for i, want := range [][2]string{{"2 of 4", "0.2000 of 4"}, {"3 of 4", ""}, {"1.5", "10.5"}, {"1", "ln 20 = 2.996"},
		{"1.996", "0"}} {
		if row := picked.Rows[i]; row[1].Text != want[0] || row[2].Text != want[1] {
			t.Errorf("row %d is %v, want %v", i, row, want)
		}
	}
}
