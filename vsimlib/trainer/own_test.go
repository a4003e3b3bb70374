// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"path/filepath"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/own"
	"vsim/vsimlib/own/owntest"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/run"
)

func registered[F any](t *testing.T, register func(F) (string, error), f F) string {
	t.Helper()
	name, err := register(f)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func setAll(t *testing.T, o Options, set ...string) Options {
	t.Helper()
	o.Recipe, o.Out = o.Recipe.Clone(), filepath.Join(t.TempDir(), "run")
	for _, s := range set {
		if err := o.Recipe.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// TestOwnEqualsBuiltIn trains with functions that have the formulas of built-in ones, packed and padded: the losses are the same.
func TestOwnEqualsBuiltIn(t *testing.T) {
	loss := "finetune.loss=" + registered(t, own.RegisterPairLoss, owntest.CoSENT)
	pooling := "model.pooling=" + registered(t, own.RegisterPooling, owntest.RealMean)
	base := pearsonOptions(t, goOptions(t, noDropout...), "finetune.loss=cosent", "finetune.max_pairs=64")
	losses := func(padding string, set ...string) []float64 {
		o := setAll(t, base, set...)
		o.Set = append(append([]string{"model.keep_padding=" + padding}, set...), noDropout...)
		if err := finetune(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		return lossLines(t, o.Out)["loss"]
	}
	want := losses("true")
	nearLosses(t, losses("true", loss), want, 2e-6)
	nearLosses(t, losses("false", loss), want, 1e-4)
	nearLosses(t, losses("true", pooling), want, 1e-4)
	nearLosses(t, losses("false", loss, pooling), want, 1e-4)
}

// TestOwnTask: the loss of a task of one's own is part of the sum and falls, and a run that is stopped goes on to the same end.
func TestOwnTask(t *testing.T) {
	task := registered(t, own.RegisterTask, owntest.TitleLength)
	o := goOptions(t, append(noDropout, "pretrain.own_task="+task, "pretrain.weight_own=10", "model.keep_padding=true",
		"pretrain.epochs=4", "pretrain.weight_tag=2")...)
	pre, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := lossLines(t, o.Out)
	list, first := all["loss_own"], all["loss"][0]
	if last := len(list) - 1; last < 3 || list[last] > 0.7*list[0] {
		t.Errorf("losses of the task: %g", list)
	}
	weights := map[string]float64{"loss_tag": *o.Recipe.Pretrain.WeightTag, "loss_mlm": o.Recipe.Pretrain.WeightMLM,
		"loss_mfm": o.Recipe.Pretrain.WeightMFM, "loss_own": 10}
	sum := 0.0
	for name, weight := range weights {
		sum += weight * all[name][0]
	}
	nearLosses(t, []float64{sum}, []float64{first}, 1e-5)
	if pre.Val["val_loss_own"] == 0 {
		t.Errorf("validation %v", pre.Val)
	}
	stopAndGoOn(t, o, 2, pretrain, pre.Model)
}

// TestOwnRefused: what cannot work is one line before anything is written, or before the first step.
func TestOwnRefused(t *testing.T) {
	loss := "finetune.loss=" + registered(t, own.RegisterPairLoss, owntest.CoSENT)
	task := "pretrain.own_task=" + registered(t, own.RegisterTask, owntest.TitleLength)
	five := "finetune.loss=" + registered(t, own.RegisterPairLoss, func(first, _, target *Node) *Node {
		return ReduceAllSum(Mul(first, BroadcastToDims(InsertAxes(target, -1), 5, 6))) // the made-up batch has this shape
	})
	whole := "finetune.loss=" + registered(t, own.RegisterPairLoss, func(first, _, _ *Node) *Node {
		if b := first.Shape().Dim(0); b != 4 && b != 5 && b != 500 {
			panic("not this batch")
		}
		return ReduceAllSum(first)
	})
	base := goOptions(t)
	pre, err := Pretrain(context.Background(), setAll(t, base, "pretrain.epochs=0"))
	if err != nil {
		t.Fatal(err)
	}
	late := setAll(t, base, whole, "finetune.batch=500") // there are fewer pairs than that
	late.Init = pre.Model
	err = finetune(context.Background(), late)
	mustFail(t, err, "finetune: step 1: pair loss trainer.TestOwnRefused.func", ": not this batch; it was called with first Float32[")
	for name, c := range map[string]struct {
		stage func(context.Context, Options) error
		set   []string
		want  []string
	}{
		"unknown loss": {finetune, []string{"finetune.loss=" + recipe.Own("00000000000000aa")},
			[]string{"finetune.loss=own:00000000000000aa: this process has no such function"}},
		"unknown pooling": {pretrain, []string{"model.pooling=" + recipe.Own("00000000000000aa")},
			[]string{"model.pooling=own:", "nb.Pooling"}},
		"accumulated loss": {finetune, []string{loss, "finetune.accumulate=2"}, []string{"accumulate: 2, but the loss own:"}},
		"accumulated task": {pretrain, []string{task, "pretrain.weight_own=1", "model.keep_padding=true", "pretrain.accumulate=2"},
			[]string{"accumulate: 2, but the loss of own_task is over a whole batch"}},
		"packed task":   {pretrain, []string{task, "pretrain.weight_own=1"}, []string{"own_task", "set model.keep_padding=true"}},
		"no task":       {pretrain, []string{"pretrain.weight_own=1"}, []string{"weight_own: 1, but own_task names no function"}},
		"no number":     {finetune, []string{"finetune.loss=own:xyz"}, []string{`"own:xyz" is not one of mse`}},
		"another batch": {finetune, []string{five}, []string{"pair loss trainer.TestOwnRefused.func", "called with first Float32["}},
	} {
		t.Run(name, func(t *testing.T) {
			o := setAll(t, base, c.set...)
			o.Init = pre.Model
			if name == "unknown pooling" {
				o.Init = ""
			}
			mustFail(t, c.stage(context.Background(), o), c.want...)
			if jsonfile.Exists(run.Dir(o.Out).Recipe()) {
				t.Error("the run directory was made")
			}
		})
	}
}

// TestOwnOnDevices: two devices compute the losses of one.
func TestOwnOnDevices(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	loss := registered(t, own.RegisterPairLoss, owntest.CoSENT)
	pooling := registered(t, own.RegisterPooling, owntest.RealMean)
	task := registered(t, own.RegisterTask, owntest.TitleLength)
	o := xlaOptions(t, append(noDropout, "model.pooling="+pooling, "pretrain.own_task="+task, "pretrain.weight_own=2",
		"pretrain.epochs=1", "model.num_hidden_layers=1", "pretrain.batch=8", "pretrain.max_pointwise=16")...)
	if has := o.Backend.NumDevices(); has < 2 {
		t.Skipf("the backend has %d devices", has)
	}
	lines := func(o Options, devices int, stage func(context.Context, Options) error) map[string][]float64 {
		o.Out, o.Devices = filepath.Join(t.TempDir(), "run"), devices
		if err := stage(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		return lossLines(t, o.Out)
	}
	one, two := lines(o, 1, pretrain), lines(o, 2, pretrain)
	nearLosses(t, two["loss_own"], one["loss_own"], 1e-4)
	tune := pearsonOptions(t, setAll(t, o, "pretrain.epochs=0"), "finetune.loss="+loss, "finetune.max_pairs=48")
	nearLosses(t, lines(tune, 2, finetune)["loss"], lines(tune, 1, finetune)["loss"], 1e-4)
}
