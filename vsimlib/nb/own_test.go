// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/study"
)

// scaled is CoSENT with a scale.
func scaled(scale float64) func(first, second, target *Node) *Node {
	return func(first, second, target *Node) *Node {
		s := MulScalar(ReduceSum(Mul(first, second), -1), scale)
		difference := Sub(InsertAxes(s, 0), InsertAxes(s, 1))
		wrong := Where(GreaterThan(InsertAxes(target, 1), InsertAxes(target, 0)), Exp(difference), ZerosLike(difference))
		return Log1P(ReduceAllSum(wrong))
	}
}

func cosent(first, second, target *Node) *Node { return scaled(20)(first, second, target) }

func renamed(a, b, y *Node) *Node { return scaled(20)(a, b, y) }

func realMean(states, mask *Node) *Node {
	mask = InsertAxes(mask, -1)
	return Div(ReduceSum(Mul(states, mask), 1), ReduceSum(mask, 1))
}

func embeddingSum(in TaskInputs) *Node { return ReduceAllMean(Square(ReduceSum(in.Embedding, -1))) }

// TestOwnKeys: a study with a loss of its own trains anew where the formula has another constant, and not where it has another name.
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
	was, again, other := plan(PairLoss(cosent)), plan(PairLoss(renamed)), plan(PairLoss(scaled(21)))
	if again.Test.Key != was.Test.Key {
		t.Error("a renamed function trains anew")
	}
	if other.Finetune.Key == was.Finetune.Key || other.Pretrain.Key != was.Pretrain.Key {
		t.Error("with another constant it is the same finetuning, or another pretraining")
	}
	if pooled := plan(Pooling(realMean)); pooled.Finetune.Key == was.Finetune.Key {
		t.Error("another pooling is the same finetuning")
	}
	if task := plan(Task(1, embeddingSum)); task.Pretrain.Key == was.Pretrain.Key {
		t.Error("another task is the same pretraining")
	}
}

// TestOwnRefused: a function that cannot be trained with is one line, and nothing is trained.
func TestOwnRefused(t *testing.T) {
	w := settle(t)
	vector := PairLoss(func(first, second, _ *Node) *Node { return ReduceSum(Mul(first, second), -1) })
	_, studied := Grid("own", Cell("MSE"), Cell("vector", vector))
	r, err := Recipe(1)
	if err != nil {
		t.Fatal(err)
	}
	_, trained := Finetune("own", r, vector)
	_, pretrained := Pretrain("own", r, Task(1, func(in TaskInputs) *Node { return in.Embedding }))
	for _, err := range []error{studied, trained, pretrained} {
		if err == nil || !strings.Contains(err.Error(), "nb.TestOwnRefused.func") || !strings.Contains(err.Error(), "want a scalar") ||
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
	pooling, task := Pooling(realMean), Task(0.5, embeddingSum)
	pre, err := Pretrain("mine", r, pooling, task)
	if err != nil {
		t.Fatal(err)
	}
	if pre.Losses["loss_own"] == 0 {
		t.Errorf("losses %v", pre.Losses)
	}
	if _, err := Finetune("mine", r, pooling, PairLoss(cosent)); err != nil {
		t.Fatal(err)
	}
	if _, err := Embed("test_a", "mine"); err != nil {
		t.Error(err)
	}
}
