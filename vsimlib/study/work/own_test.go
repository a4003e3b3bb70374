// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"strings"
	"testing"

	"vsim/vsimlib/own"
	"vsim/vsimlib/own/owntest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/slurm"
	"vsim/vsimlib/study/studytest"
)

// TestOwnFunctions: a study with a function of this process is worked on here, by several at a time, and found again under another
// name of the function. No cluster and no other process can work on it.
func TestOwnFunctions(t *testing.T) {
	studytest.OnGo(t)
	loss, err := own.RegisterPairLoss(owntest.CoSENT)
	if err != nil {
		t.Fatal(err)
	}
	corpus, runs := studytest.SmallCorpus(t), t.TempDir()
	g := plan(t, small(t, "labels", corpus, runs, "finetune.loss="+loss))
	err = Slurm(slurm.Work{}, nil)(context.Background(), g, func(Event) {})
	const refused = "has a function of this process, which the nodes of a cluster do not have; run it here"
	if err == nil || !strings.Contains(err.Error(), refused) || strings.Contains(err.Error(), "\n") {
		t.Errorf("on a cluster: %v", err)
	}
	first := newLedger()
	made, err := first.local(context.Background(), g, 2, nil)
	if err != nil || made.FailedCells() > 0 || len(first.ended) == 0 {
		t.Fatalf("%v, %d tasks", err, len(first.ended))
	}
	renamed, err := own.RegisterPairLoss(owntest.Renamed)
	if err != nil {
		t.Fatal(err)
	}
	second := newLedger()
	again, err := second.local(context.Background(), plan(t, small(t, "labels", corpus, runs, "finetune.loss="+renamed)), 2, nil)
	if err != nil || len(second.begun) > 0 || written(t, again) != written(t, made) {
		t.Errorf("%v, %d tasks begun again, or another table", err, len(second.begun))
	}
	unknown := recipe.Own("00000000000000aa")
	if _, err = small(t, "labels", corpus, runs, "finetune.loss="+unknown).Plan(); err == nil ||
		!strings.Contains(err.Error(), "finetune.loss="+unknown+": this process has no such function") {
		t.Errorf("a function of another process: %v", err)
	}
}
