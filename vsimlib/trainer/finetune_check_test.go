// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/run"
)

// TestValidationError: the error of the score in result.json is that of vsim eval for the same model and pairs, and the card
// of the model has the interval of it.
func TestValidationError(t *testing.T) {
	o := pearsonOptions(t, goOptions(t, noDropout...), "finetune.epochs=0")
	o.Set = noDropout
	f, set := embeddedByInit(t, o)
	want, err := evaluate.Score(set, f.split.Val)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Finetune(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if want.Error <= 0 || math.Abs(r.ValSpearmanError-want.Error) > 1e-6 || math.Abs(r.ValSpearman-want.Spearman) > 1e-6 {
		t.Errorf("%g with the error %g, want %g and %g", r.ValSpearman, r.ValSpearmanError, want.Spearman, want.Error)
	}
	card, err := os.ReadFile(filepath.Join(r.Model, run.CardFile))
	if err != nil || !strings.Contains(string(card), "pairs that share a video are not taken as independent") {
		t.Errorf("%s, %v", card, err)
	}
}
