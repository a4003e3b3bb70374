// SPDX-License-Identifier: Apache-2.0

package own

import (
	"errors"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/lowering"
	"vsim/vsimlib/recipe"
)

// squares is the mean squared error between cosines and labels, times a weight.
func squares(weight float64) PairLoss {
	return func(first, second, target *Node) *Node {
		return MulScalar(ReduceAllMean(Square(Sub(ReduceSum(Mul(first, second), -1), target))), weight)
	}
}

func meanSquares(first, second, target *Node) *Node { return squares(1)(first, second, target) }

func renamed(a, b, y *Node) *Node { return squares(1)(a, b, y) }

func largest(states, mask *Node) *Node {
	hidden := Sub(states, MulScalar(InsertAxes(OneMinus(mask), -1), 1e9))
	return ReduceMax(hidden, 1)
}

// longest has the loss of a task read the states, the embedding and the arrays of a step.
func longest(in TaskInputs) *Node {
	length := ReduceSum(in.Mask, -1)
	frames := ReduceSum(ConvertDType(in.FrameMask, dtypes.Float32), -1)
	guess := Add(ReduceSum(in.Embedding, -1), ReduceSum(ReduceMean(in.States, 1), -1))
	return ReduceAllMean(Square(Sub(guess, Add(length, frames))))
}

// TestNumbers: the name of a function is that of its formula. It is the same under another Go name, and another one with another
// constant or another gradient.
func TestNumbers(t *testing.T) {
	register := func(f PairLoss) string {
		t.Helper()
		name, err := RegisterPairLoss(f)
		if err != nil {
			t.Fatal(err)
		}
		if !recipe.IsOwn(name) {
			t.Fatalf("name %q", name)
		}
		return name
	}
	name := register(meanSquares)
	if Name(name) != "pair loss own.meanSquares" {
		t.Errorf("is called %q", Name(name))
	}
	if again := register(renamed); again != name {
		t.Errorf("renamed: %s, was %s", again, name)
	}
	if other := register(squares(1.0000001)); other == name {
		t.Error("another constant has the same name")
	}
	fixed := func(first, second, target *Node) *Node { return meanSquares(first, StopGradient(second), target) }
	if other := register(fixed); other == name {
		t.Error("the same value with another gradient has the same name")
	}
}

// TestNumbersSeeSizes: functions that differ only where a batch or a sequence is larger than the made-up one have numbers of their
// own.
func TestNumbersSeeSizes(t *testing.T) {
	if _, err := lowering.New(backends.CPU); err != nil {
		t.Skip(err)
	}
	loss := func(pairs int) PairLoss {
		return func(first, second, target *Node) *Node {
			e := Square(Sub(ReduceSum(Mul(first, second), -1), target))
			return ReduceAllMean(Slice(e, AxisRange(0, min(pairs, e.Shape().Dim(0)))))
		}
	}
	pooling := func(positions int) Pooling {
		return func(states, mask *Node) *Node {
			return ReduceMean(Slice(states, AxisRange(), AxisRange(0, min(positions, states.Shape().Dim(1)))), 1)
		}
	}
	numbers := map[string]bool{}
	for _, n := range []int{4, 8, 20, 64} {
		for _, register := range []func() (string, error){
			func() (string, error) { return RegisterPairLoss(loss(n)) }, func() (string, error) { return RegisterPooling(pooling(n)) }} {
			name, err := register()
			if err != nil {
				t.Fatal(err)
			}
			numbers[name] = true
		}
	}
	if len(numbers) != 8 {
		t.Errorf("%d numbers of 8 functions", len(numbers))
	}
}

func TestKinds(t *testing.T) {
	pooling, err := RegisterPooling(largest)
	if err != nil {
		t.Fatal(err)
	}
	task, err := RegisterTask(longest)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := recipe.Preset("tiny")
	for _, set := range []string{"model.pooling=" + pooling, "pretrain.own_task=" + task, "pretrain.weight_own=0.5"} {
		if err := r.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(r.Validate(), Check(r)); err != nil || !Uses(r) || r.Model.Packs() {
		t.Errorf("%v, uses %t, packs %t", err, Uses(r), r.Model.Packs())
	}
	r.Model.Pooling = task
	mustFail(t, Check(r), "model.pooling="+task+": pretraining task own.longest is no pooling")
	r.Model.Pooling = recipe.Mean
	r.Finetune.Loss = "own:0123456789abcdef"
	mustFail(t, Check(r), "finetune.loss=own:0123456789abcdef: this process has no such function", "nb.PairLoss")
	if err := CheckStage("pretrain", r); err != nil {
		t.Errorf("pretraining does not need the loss: %v", err)
	}
}

func mustFail(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	if strings.ContainsRune(err.Error(), '\n') || len(err.Error()) > 400 {
		t.Errorf("not a short line: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q", err, part)
		}
	}
}

// TestRefused: what is wrong with a function is one line that names it and, where they matter, the shapes.
func TestRefused(t *testing.T) {
	calls := 0
	for name, c := range map[string]struct {
		f    PairLoss
		want []string
	}{
		"no function": {nil, []string{"pair loss: no function is given"}},
		"no scalar": {func(first, second, _ *Node) *Node { return ReduceSum(Mul(first, second), -1) },
			[]string{"pair loss own.TestRefused.func", "returns Float32[5], want a scalar of Float32", "first Float32[5 6]"}},
		"other type": {func(first, _, _ *Node) *Node { return ConvertDType(ReduceAllSum(first), dtypes.Float64) },
			[]string{"returns a scalar of Float64, want a scalar of Float32"}},
		"nil":   {func(_, _, _ *Node) *Node { return nil }, []string{"returns nil"}},
		"shape": {func(first, _, target *Node) *Node { return ReduceAllSum(Mul(first, target)) }, []string{"target Float32[5]", "[5 6]"}},
		"panic": {func(_, _, _ *Node) *Node { panic("no\nway") }, []string{"no; way", "it was called with first"}},
		"runtime panic": {func(first, _, _ *Node) *Node { return []*Node{first}[first.Rank()] },
			[]string{"index out of range"}},
		"NaN":          {func(first, _, _ *Node) *Node { return ReduceAllSum(Log(first)) }, []string{"its value is NaN"}},
		"NaN gradient": {func(first, _, _ *Node) *Node { return ReduceAllSum(Sqrt(Sub(first, first))) }, []string{"its gradient by first is"}},
		"changes": {func(first, _, _ *Node) *Node {
			calls++
			return MulScalar(ReduceAllSum(first), float64(calls))
		}, []string{"another graph each time"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := RegisterPairLoss(c.f)
			mustFail(t, err, c.want...)
		})
	}
	_, err := RegisterPooling(func(states, _ *Node) *Node { return states })
	mustFail(t, err, "pooling own.TestRefused.func",
		"returns Float32[5 7 8], want Float32[5 8]", "states Float32[5 7 8], mask Float32[5 7]")
	_, err = RegisterTask(func(in TaskInputs) *Node { return in.Embedding })
	mustFail(t, err, "pretraining task own.TestRefused.func", "returns Float32[5 6], want a scalar")
}
