// SPDX-License-Identifier: Apache-2.0

package study

import (
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/task"
)

// distilled is a study of a cell and of one that two of the paper's members teach.
func distilled(t *testing.T, weight string, members ...int) *Study {
	t.Helper()
	s := small(t, Labels, Controlled, t.TempDir())
	taught := TaughtBy(Cell{Label: "distilled", Set: []string{"finetune.weight_teacher=" + weight}}, members...)
	s.Baseline, s.Cells = "plain", []Cell{{Label: "plain"}, taught}
	return s
}

// TestTeachers: the ensemble that teaches a cell is planned before its finetuning and shares its trainings with other cells; both
// its members and its weight are part of the key, and where its file is is not.
func TestTeachers(t *testing.T) {
	g := plan(t, distilled(t, "0.5", 1, 2))
	plain, taught := g.Chain(0, 0), g.Chain(1, 0)
	if plain.Pretrain != taught.Pretrain || plain.Finetune == taught.Finetune {
		t.Error("the cells share another task than the pretraining")
	}
	join, _ := g.Task(taught.Finetune.Needs[1])
	if len(taught.Finetune.Needs) != 2 || join.Kind != task.Join ||
		taught.Finetune.Train.Recipe.Finetune.Teacher != join.EmbeddingsFile() {
		t.Fatalf("finetuning needs %v", taught.Finetune.Needs)
	}
	first := join.Join.Members[0]
	if len(join.Join.Members) != 2 || first.Needs[0] != plain.Finetune.Key || first.Embed.Part != "pairwise" {
		t.Errorf("the first teacher is not the base: %+v", first)
	}
	for i, planned := range g.Tasks { // what a task needs is before it
		for _, need := range planned.Needs {
			if !slices.ContainsFunc(g.Tasks[:i], func(t *task.Task) bool { return t.Key == need }) {
				t.Errorf("%s of %s is before what it needs", planned.Kind, planned.Label)
			}
		}
	}
	key := func(s *Study) string { return plan(t, s).Chain(1, 0).Finetune.Key }
	if key(distilled(t, "0.5", 1, 2)) != taught.Finetune.Key {
		t.Error("in another folder the key is another")
	}
	if key(distilled(t, "0.5", 1, 3)) == taught.Finetune.Key || key(distilled(t, "1", 1, 2)) == taught.Finetune.Key {
		t.Error("other members or another weight have the same key")
	}
}

// TestTeachersOfTeachers: a teacher has none and is no duplicate, and a weight is needed.
func TestTeachersOfTeachers(t *testing.T) {
	s := distilled(t, "0.5", 1, 2)
	s.Cells[1].Teachers[1].Teachers = []Cell{{Label: "another"}}
	s.Cells[1].Teachers[1].Set = s.Cells[1].Set
	if _, err := s.Plan(); err == nil || !strings.Contains(err.Error(), "member 2 is no single model without teachers") {
		t.Errorf("error %v", err)
	}
	if _, err := distilled(t, "0.5", 2, 2).Plan(); err == nil || !strings.Contains(err.Error(), "duplicate member 2") {
		t.Errorf("error %v", err)
	}
	s = distilled(t, "0", 1, 2)
	if _, err := s.Plan(); err == nil || !strings.Contains(err.Error(), "weight_teacher is 0") {
		t.Errorf("error %v", err)
	}
}

// TestTogether: a cell of models together trains nothing of its own, and joins what they embed of the part that is scored.
func TestTogether(t *testing.T) {
	s := small(t, "labels", studytest.SmallCorpus(t), t.TempDir())
	before := len(plan(t, s).Tasks)
	var two []Cell
	for _, c := range s.Cells {
		two = append(two, Cell{Label: c.Label, Set: c.Set})
	}
	s.Cells = append(s.Cells, Cell{Label: "both", Together: two})
	g := plan(t, s)
	if got, want := len(g.Tasks), before+len(s.Seeds); got != want {
		t.Errorf("%d tasks, want %d", got, want)
	}
	for i := range s.Seeds {
		test := g.Chain(2, i).Test
		if test.Kind != task.Join || test.Scored() != g.Chain(0, i).Test.Embed || !slices.Equal(test.Join.Members,
			[]*task.Task{g.Chain(0, i).Test, g.Chain(1, i).Test}) {
			t.Errorf("seed %d: %+v", s.Seeds[i], test)
		}
	}
	s.Cells[2].Together[0].Together = two
	if _, err := s.Plan(); err == nil || !strings.Contains(err.Error(), "no single model") {
		t.Errorf("error %v", err)
	}
}
