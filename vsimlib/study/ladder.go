// SPDX-License-Identifier: Apache-2.0

package study

import (
	"slices"

	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// rung is a step of the ladder: what changes, and its settings.
type rung struct {
	label results.Label
	set   []string
}

// rungs lead from the paper's settings to the recipe `best` (data/best.json) at the same number of steps and parameters. They were
// chosen on the held-out pairs of the split `strict`, on both corpora, before any of them was scored on a test.
var rungs = []rung{}

// Distilled is the last cell of the ladder.
const Distilled results.Label = "+ distilled from six"

// teacherWeight is that of the teacher's cosines in the loss (E16).
const teacherWeight = 0.5

// defineLadder climbs the rungs, each on top of those before. The last one is taught by the six members at the paper's settings, which
// are the models of the study of ensembles: at inference it costs as much as the others, in training as much as seven.
func defineLadder(s *Study) {
	s.Baseline = PaperSettings
	s.Cells = []Cell{{Label: s.Baseline}}
	var all []string
	for _, r := range rungs {
		all = append(slices.Clone(all), r.set...)
		s.Cells = append(s.Cells, Cell{Label: "+ " + r.label, Set: all})
	}
	distilled := Cell{Label: Distilled, Set: append(slices.Clone(all), set("finetune.weight_teacher", teacherWeight))}
	for n := 1; n <= recipe.Members; n++ {
		distilled.Teachers = append(distilled.Teachers, Cell{Label: Member(n), Member: n})
	}
	s.Cells = append(s.Cells, distilled)
}
