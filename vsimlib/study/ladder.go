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

// rungs lead from the base to other settings at the same number of steps and parameters. The first two are the paper's own, which
// the base of the controlled corpus lacks. All were chosen on the held-out pairs of the split `strict`, on both corpora, before any
// of them was scored on a test (docs/studies.md, "The ladder").
var rungs = []rung{
	{"dropout", []string{"model.hidden_dropout_prob=0.1", "model.attention_probs_dropout_prob=0.1"}},
	{TagWeightAsPaper, []string{set("pretrain.weight_tag", paperTagWeight)}},
	{"rate 0.001", []string{"pretrain.lr_encoder=0.001"}},
	{"SimCSE", []string{"pretrain.weight_simcse=0.1"}},
	{"CoSENT", []string{"finetune.loss=" + recipe.CoSENT, "finetune.temperature=0.65"}},
}

// Cells of the ladder: one of its rungs, and those that are none.
const (
	AsPaper     = "+ " + TagWeightAsPaper // all of the paper's own settings, and nothing else on top of them
	Distilled   = results.Label("+ distilled from six")
	SixTogether = results.Label("six members together")
)

// teacherWeight is that of the teacher's cosines in the loss (E16).
const teacherWeight = 0.5

// defineLadder climbs the rungs, each on top of those before, without those that the base has already. Then the six members at the
// base's settings, the models of the study of ensembles, teach one: it costs as much to use as the others, and to train as seven.
func defineLadder(s *Study) {
	s.Baseline = TheBase
	s.Cells = []Cell{{Label: s.Baseline}}
	var all []string
	for _, r := range rungs {
		if !changes(s.Base, r.set) {
			continue
		}
		all = append(slices.Clone(all), r.set...)
		s.Cells = append(s.Cells, Cell{Label: "+ " + r.label, Set: all})
	}
	var six []Cell
	for n := 1; n <= recipe.Members; n++ {
		six = append(six, Cell{Label: Member(n), Member: n})
	}
	taught := append(slices.Clone(all), set("finetune.weight_teacher", teacherWeight))
	s.Cells = append(s.Cells, Cell{Label: Distilled, Set: taught, Teachers: six}, Cell{Label: SixTogether, Together: six})
}

// changes reports whether settings make another recipe of r.
func changes(r recipe.Recipe, settings []string) bool {
	other := r.Clone()
	for _, set := range settings {
		if other.Set(set) != nil {
			return true // planning says what is wrong
		}
	}
	return !other.Equal(r)
}
