// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/manifest"
	"vsim/vsimlib/run"
)

// TestFinishedRunDropsAnOutdatedBest: where the model is the last state, only the checkpoint of that state stays, also after the
// model was made again of it; it needs no other, and the manifest holds.
func TestFinishedRunDropsAnOutdatedBest(t *testing.T) {
	o := goOptions(t, "pretrain.epochs=0", "finetune.epochs=3", "finetune.checkpoint_every=2", "finetune.val_every=2",
		"finetune.select=best")
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Init, o.Out = pre.Model, filepath.Join(t.TempDir(), "fine")
	var stages []Stage
	o.Report = func(p Progress) {
		if n := len(stages); n == 0 || stages[n-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
	}
	tuned, err := Finetune(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if tuned.SelectedStep != tuned.Steps || !slices.Contains(stages, Saving) {
		t.Fatalf("selected step %d of %d; stages %v", tuned.SelectedStep, tuned.Steps, stages)
	}
	before := modelHash(t, tuned.Model)
	check := func() {
		t.Helper()
		if left := checkpointsOf(t, o.Out); len(left) != 1 || !strings.HasPrefix(left[0], "step-") {
			t.Errorf("checkpoints %v", left)
		}
		found, warnings, err := checkpoint.Latest(run.Dir(o.Out).Checkpoints())
		if err != nil || found == nil || found.Step != tuned.Steps || len(warnings) > 0 {
			t.Errorf("cannot continue from it: %v, %q, %v", found, warnings, err)
		}
		if err := manifest.Hold(o.Out); err != nil || modelHash(t, tuned.Model) != before {
			t.Errorf("another model, or %v", err)
		}
	}
	check()
	for range 2 {
		if err := os.Remove(filepath.Join(tuned.Model, run.WeightsFile)); err != nil {
			t.Fatal(err)
		}
		if again, err := Finetune(context.Background(), o); err != nil || again.SelectedStep != tuned.SelectedStep {
			t.Fatal(again, err)
		}
		check()
	}
}
