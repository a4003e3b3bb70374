// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"testing"
)

// TestRefusesBeforeCompiling: both stages stop before the first step, and a finished or empty run does not ask.
func TestRefusesBeforeCompiling(t *testing.T) {
	o := goOptions(t)
	o.Memory = func() (int64, string) { return 1000, "a test" }
	_, err := Pretrain(context.Background(), o)
	mustFail(t, err, "pretrain: out of memory", "a test")
	o.Recipe.Pretrain.Epochs = 0
	r, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Init, o.Out = r.Model, t.TempDir()
	_, err = Finetune(context.Background(), o)
	mustFail(t, err, "finetune: out of memory", "finetune.accumulate")
}
