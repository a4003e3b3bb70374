// SPDX-License-Identifier: Apache-2.0

package study_test

import (
	"fmt"

	"vsim/vsimlib/study"
)

func ExampleNames() {
	fmt.Println(study.Names())
	// Output: [tasks tasks-long epochs loss-weights corpus-size labels pooling modalities others ensemble ladder]
}

// A study expands to a graph of tasks; cells that share a training share its task. Nothing is trained here.
func ExampleStudy_Plan() {
	s, err := study.New(study.Tasks, study.Options{Scale: study.Tiny, Corpus: study.Controlled, Seeds: []int64{1}, Runs: "runs",
		Backend: "cpu"})
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Cells = s.Cells[1:3] // two of its four, to keep the list short
	grid, err := s.Plan()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Question)
	for _, task := range grid.Tasks {
		fmt.Println(task.Kind, task.Label, "needs", len(task.Needs))
	}
	// Output:
	// Does each pretraining task pay?
	// corpus the corpus needs 0
	// pretrain tag, seed 1 needs 1
	// finetune tag, seed 1 needs 1
	// embed tag, seed 1 needs 1
	// pretrain tag + MLM, seed 1 needs 1
	// finetune tag + MLM, seed 1 needs 1
	// embed tag + MLM, seed 1 needs 1
}
