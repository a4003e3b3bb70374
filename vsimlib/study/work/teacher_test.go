// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"math"
	"testing"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/run"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/studytest"
)

// TestTeachersStudy trains two models, joins their embeddings and distils them, on a small corpus: the distilled model comes closer
// to the ensemble's cosines than it was, and the study has a row of each of its cells alone.
func TestTeachersStudy(t *testing.T) {
	if testing.Short() {
		t.Skip("several trainings")
	}
	studytest.OnGo(t)
	s := small(t, "labels", studytest.SmallCorpus(t), t.TempDir(), "finetune.epochs=4")
	s.Seeds, s.Baseline = []int64{1}, "plain"
	s.Cells = []study.Cell{{Label: "plain"}, {Label: "distilled", Set: []string{"finetune.weight_teacher=1"},
		Teachers: []study.Cell{{Label: "first", Member: 1}, {Label: "fourth", Member: 4}}}}
	g := plan(t, s)
	table, err := newLedger().local(context.Background(), g, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Cells) != 2 || table.FailedCells() != 0 {
		t.Errorf("%d cells, %d failed", len(table.Cells), table.FailedCells())
	}
	taught := g.Chain(1, 0).Finetune
	join, _ := g.Task(taught.Needs[1])
	if set, err := embeddings.Read(join.EmbeddingsFile()); err != nil || set.Dim != 12 { // two models of six floats
		t.Errorf("joined embeddings: %v", err)
	}
	lines, err := run.ReadMetrics(taught.Run().Metrics())
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for _, line := range lines {
		if loss, ok := line["loss_teacher"].(float64); ok {
			losses = append(losses, loss)
		}
	}
	if n := len(losses); n < 4 || !(losses[n-1] < losses[0]) || math.IsNaN(losses[0]) {
		t.Errorf("losses %v", losses)
	}
}
