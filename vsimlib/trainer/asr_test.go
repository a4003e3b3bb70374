// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"path/filepath"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

// TestASR trains both stages with what is said in the videos behind their titles, packed and padded, in both layouts: the losses
// are the same. They are others than without, and the model says what it reads.
func TestASR(t *testing.T) {
	if testing.Short() {
		t.Skip("two trainings")
	}
	for _, layout := range []string{competition.LayoutCLSFirst, competition.LayoutFramesFirst} {
		t.Run(layout, func(t *testing.T) {
			o := goOptions(t, append(noDropout, "pretrain.epochs=1", "pretrain.weight_simcse=0.2", "model.layout="+layout)...)
			train := func(name string, set ...string) (pre, fine map[string][]float64) {
				t.Helper()
				o := o
				o.Recipe, o.Out = o.Recipe.Clone(), filepath.Join(t.TempDir(), name)
				for _, s := range set {
					if err := o.Recipe.Set(s); err != nil {
						t.Fatal(err)
					}
				}
				if err := pretrain(context.Background(), o); err != nil {
					t.Fatal(err)
				}
				pre = lossLines(t, o.Out)
				m, err := recipe.ReadModelConfig(filepath.Join(run.Dir(o.Out).Model(), run.ConfigFile))
				if err != nil || m.MaxASR != o.Recipe.Model.MaxASR {
					t.Errorf("the model's max_asr is %d (%v)", m.MaxASR, err)
				}
				o.Init, o.Out = run.Dir(o.Out).Model(), filepath.Join(t.TempDir(), name)
				if err := finetune(context.Background(), o); err != nil {
					t.Fatal(err)
				}
				return pre, lossLines(t, o.Out)
			}
			packed, packedPairs := train("packed", "model.max_asr=5")
			padded, paddedPairs := train("padded", "model.max_asr=5", "model.keep_padding=true")
			for name, want := range padded {
				nearLosses(t, packed[name], want, 1e-4)
			}
			nearLosses(t, packedPairs["loss"], paddedPairs["loss"], 1e-4)
			without, _ := train("without")
			if without["loss_mlm"][0] == packed["loss_mlm"][0] {
				t.Error("the masked words are the same without speech")
			}
		})
	}
}
