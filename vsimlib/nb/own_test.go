// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/own/owntest"
	"vsim/vsimlib/study"
)

// TestOwnKeys: a study with an own loss trains anew where the formula has another constant, and not where it has another name.
func TestOwnKeys(t *testing.T) {
	settle(t)
	plan := func(options ...CellOption) study.Chain {
		t.Helper()
		s, err := studyOf("own losses", []StudyOption{OnEmoji, Cell("MSE"), Cell("own", options...)})
		if err != nil {
			t.Fatal(err)
		}
		return s.Grid.Chain(1, 0)
	}
	was, again, other := plan(PairLoss(owntest.CoSENT)), plan(PairLoss(owntest.Renamed)), plan(PairLoss(owntest.Scaled(21)))
	if again.Test.Key != was.Test.Key {
		t.Error("a renamed function trains anew")
	}
	if other.Finetune.Key == was.Finetune.Key || other.Pretrain.Key != was.Pretrain.Key {
		t.Error("with another constant it is the same finetuning, or another pretraining")
	}
	if pooled := plan(Pooling(owntest.RealMean)); pooled.Finetune.Key == was.Finetune.Key {
		t.Error("another pooling is the same finetuning")
	}
	if task := plan(Task(1, owntest.TitleLength)); task.Pretrain.Key == was.Pretrain.Key {
		t.Error("another task is the same pretraining")
	}
}

// TestOwnRefused: a function that cannot be trained with is one line, and nothing is trained.
func TestOwnRefused(t *testing.T) {
	w := settle(t)
	vector := PairLoss(owntest.Cosines)
	_, studied := Grid("own", Cell("MSE"), Cell("vector", vector))
	r, err := Recipe(1)
	if err != nil {
		t.Fatal(err)
	}
	_, trained := Finetune("own", r, vector)
	_, pretrained := Pretrain("own", r, Task(1, owntest.Embedding))
	for _, err := range []error{studied, trained, pretrained} {
		if err == nil || !strings.Contains(err.Error(), "owntest.") || !strings.Contains(err.Error(), "want a scalar") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v", err)
		}
	}
	if jsonfile.Exists(filepath.Join(w.Runs, "own")) || jsonfile.Exists(filepath.Join(w.Studies, "study")) {
		t.Error("something was begun")
	}
}

// TestOwnTrains trains a model with all three, which the cell that embeds it has too.
func TestOwnTrains(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	settle(t)
	t.Setenv("GOMLX_BACKEND", "go")
	r, err := Recipe(1, "finetune.max_pairs=64", "pretrain.max_pointwise=32")
	if err != nil {
		t.Fatal(err)
	}
	pooling, task := Pooling(owntest.RealMean), Task(0.5, owntest.TitleLength)
	pre, err := Pretrain("mine", r, pooling, task)
	if err != nil {
		t.Fatal(err)
	}
	if pre.Losses["loss_own"] == 0 {
		t.Errorf("losses %v", pre.Losses)
	}
	if _, err := Finetune("mine", r, pooling, PairLoss(owntest.CoSENT)); err != nil {
		t.Fatal(err)
	}
	if _, err := Embed("test_a", "mine"); err != nil {
		t.Error(err)
	}
}
