// SPDX-License-Identifier: Apache-2.0

package study

import (
	"strings"
	"testing"
)

// TestOthers: what changes finetuning alone shares the baseline's pretraining; SimCSE has dropout and a control that has only
// that; the generated corpus has speech, which no other study's has; and speech is nothing to study where there is none.
func TestOthers(t *testing.T) {
	for scale, cells := range map[string]int{Tiny: 11, Demo: 11, Paper: 10} { // the paper's own size has dropout
		s, err := New(Others, Options{Scale: scale, Backend: "go", Corpus: Controlled, Runs: t.TempDir(), Seeds: []int64{1}})
		if err != nil {
			t.Fatal(err)
		}
		g, err := s.Plan()
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Cells) != cells {
			t.Errorf("%s: %d cells, want %d", scale, len(s.Cells), cells)
		}
		trained := map[string]bool{}
		for k, cell := range s.Cells {
			c := g.Chain(k, 0)
			own := c.Pretrain.Key != g.Chain(0, 0).Pretrain.Key
			if want := strings.Contains(string(cell.Label), "SimCSE") || strings.Contains(string(cell.Label), "dropout") ||
				cell.Label == "speech"; own != want {
				t.Errorf("%s: %s: a pretraining of its own: %v", scale, cell.Label, own)
			}
			if trained[c.Finetune.Key] {
				t.Errorf("%s: %s: finetunes as another cell", scale, cell.Label)
			}
			trained[c.Finetune.Key] = true
			if r := c.Pretrain.Train.Recipe; r.Pretrain.WeightSimCSE > 0 &&
				(r.Model.HiddenDropoutProb == 0 || r.Model.AttentionProbsDropoutProb == 0) {
				t.Errorf("%s: %s: no dropout", scale, cell.Label)
			}
		}
		if !g.Tasks[0].Synth.ASR {
			t.Error("the corpus has no speech")
		}
		other, err := New("labels", Options{Scale: scale, Backend: "go", Corpus: Controlled, Runs: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if h, err := other.Plan(); err != nil || h.Tasks[0].Synth.ASR || h.Tasks[0].Key == g.Tasks[0].Key {
			t.Errorf("%s: another study's corpus has speech, or the same key (%v)", scale, err)
		}
	}
}
