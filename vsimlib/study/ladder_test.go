// SPDX-License-Identifier: Apache-2.0

package study

import (
	"path/filepath"
	"slices"
	"testing"

	"vsim/vsimlib/recipe"
)

// TestLadder: each rung is the one before and more, at the same steps and parameters, and what the base has already is no rung.
func TestLadder(t *testing.T) {
	for _, c := range []struct {
		corpus string
		cells  int // the base, rungs, the distilled model, the six
	}{{Controlled, 8}, {filepath.Join("..", "..", "data", "emoji"), 7}} {
		s, err := New(Ladder, Options{Scale: Demo, Corpus: c.corpus, Runs: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Cells) != c.cells {
			t.Fatalf("%s: %d cells, want %d", c.corpus, len(s.Cells), c.cells)
		}
		var list []recipe.Recipe
		for _, cell := range s.Cells[:c.cells-1] {
			r, err := s.Recipe(cell)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, r)
		}
		for i, r := range list[1:] {
			before := list[i]
			if r.Equal(before) || !slices.Equal(s.Cells[i].Set, s.Cells[i+1].Set[:len(s.Cells[i].Set)]) {
				t.Errorf("%s: %s is not the cell before and more", c.corpus, s.Cells[i+1].Label)
			}
			if r.Pretrain.Epochs != before.Pretrain.Epochs || r.Pretrain.Batch != before.Pretrain.Batch ||
				r.Finetune.Epochs != before.Finetune.Epochs || r.Finetune.Batch != before.Finetune.Batch ||
				r.Model.HiddenSize != before.Model.HiddenSize || r.Model.NumHiddenLayers != before.Model.NumHiddenLayers ||
				r.Model.EmbeddingDim != before.Model.EmbeddingDim {
				t.Errorf("%s: %s costs another number of steps or parameters", c.corpus, s.Cells[i+1].Label)
			}
		}
	}
}
