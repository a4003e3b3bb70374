// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"path/filepath"
	"slices"
	"testing"

	"vsim/vsimlib/study/task"
)

// TestTeachers: the members that teach a cell have its settings but the weight of their own; a file holds them, and the trainings
// of a study of the same members are theirs.
func TestTeachers(t *testing.T) {
	d := Definition{Name: "one of two", Seeds: []int64{1}, Set: []string{"pretrain.epochs=1"}, Baseline: "plain",
		Cells: []Cell{{Label: "plain"}, {Label: "distilled", Set: []string{"finetune.loss=cosent", "finetune.weight_teacher=0.5"},
			Teachers: []int{1, 4}}}}
	path := filepath.Join(t.TempDir(), "study.json")
	if err := d.Write(path); err != nil {
		t.Fatal(err)
	}
	read, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	g, err := read.Plan(on)
	if err != nil {
		t.Fatal(err)
	}
	teachers := g.Cells[1].Teachers
	if len(teachers) != 2 || teachers[1].Member != 4 || !slices.Equal(teachers[1].Set, []string{"finetune.loss=cosent"}) {
		t.Errorf("teachers %+v", teachers)
	}
	members := Definition{Name: "the two", Seeds: d.Seeds, Set: d.Set,
		Cells: []Cell{{Label: "one", Member: 1, Set: teachers[0].Set}, {Label: "four", Member: 4, Set: teachers[1].Set}}}
	alone, err := members.Plan(on)
	if err != nil {
		t.Fatal(err)
	}
	for k := range members.Cells {
		if _, shared := g.Task(alone.Chain(k, 0).Finetune.Key); !shared {
			t.Errorf("member %d is trained anew for the teacher", teachers[k].Member)
		}
	}
	count := 0
	for _, planned := range g.Tasks {
		if planned.Kind == task.Join {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d joined teachers, want 1", count)
	}
}
