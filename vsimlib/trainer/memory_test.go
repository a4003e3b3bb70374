// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"fmt"
	"testing"
)

// TestRefusesBeforeDrawing: weights that no machine holds are refused by their shapes, also where no step is to be made.
func TestRefusesBeforeDrawing(t *testing.T) {
	for _, sets := range [][]string{
		{"model.vocab_size=16777216", "model.hidden_size=65536", "model.num_attention_heads=1"},
		{"model.num_hidden_layers=1000", "model.hidden_size=65536", "model.num_attention_heads=1"},
	} {
		for _, epochs := range []string{"pretrain.epochs=0", "pretrain.epochs=1"} {
			o := goOptions(t)
			for _, set := range append(sets, epochs) {
				if err := o.Recipe.Set(set); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Pretrain(context.Background(), o)
			mustFail(t, err, "pretrain: out of memory", "weights")
		}
	}
}

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

// TestBatchAboveCorpus: a batch of more videos than there are is one of all of them, and both memory and warnings say so.
func TestBatchAboveCorpus(t *testing.T) {
	o := goOptions(t)
	var warnings []string
	o.Warn = func(line string) { warnings = append(warnings, line) }
	o.Recipe.Pretrain.Batch, o.Recipe.Pretrain.Epochs = 1<<20, 1
	r, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("pretrain.batch %d exceeds the corpus' %d videos: each epoch is one step", 1<<20, r.Videos)
	if r.Steps != 1 || len(warnings) != 1 || warnings[0] != want {
		t.Errorf("%d steps, warnings %q, want %q", r.Steps, warnings, want)
	}
}
