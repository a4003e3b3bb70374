// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/run"
)

// xlaOptions are goOptions on XLA:CPU.
func xlaOptions(t *testing.T, set ...string) Options {
	t.Helper()
	o := goOptions(t, set...)
	o.Backend = backendstest.Backend(t)
	return o
}

// TestDevices trains both stages on one device of XLA:CPU, and again beginning on two and going on on four: the losses are the
// same, all three of pretraining, with dropout (the frames of all devices are distinguished), and, accumulated,
// that of pairs. Several devices pack no videos, so dropout draws otherwise than on one that does: pretraining keeps the padding,
// and finetuning, packed on one device, has no dropout.
func TestDevices(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	one := xlaOptions(t, "pretrain.batch=8", "pretrain.epochs=1", "pretrain.val_every=5", "pretrain.checkpoint_every=0",
		"finetune.batch=8",
		"finetune.accumulate=2", "finetune.max_pairs=40", "finetune.val_every=5", "model.num_hidden_layers=1", "model.keep_padding=true")
	if has := one.Backend.NumDevices(); has < 4 {
		t.Skipf("the backend has %d devices", has)
	}
	pre, err := Pretrain(context.Background(), one)
	if err != nil {
		t.Fatal(err)
	}
	tune := one
	tune.Init, tune.Out = pre.Model, filepath.Join(t.TempDir(), "one")
	tune.Set = append([]string{"model.keep_padding=false"}, noDropout...)
	fine, err := Finetune(context.Background(), tune)
	if err != nil {
		t.Fatal(err)
	}
	many := one
	many.Out = filepath.Join(t.TempDir(), "many")
	stopOn2(t, many, pretrain)
	many.Devices = 4
	preMany, err := Pretrain(context.Background(), many)
	if err != nil {
		t.Fatal(err)
	}
	sameLosses(t, one.Out, many.Out)
	for name, want := range pre.Val {
		nearLosses(t, []float64{preMany.Val[name]}, []float64{want}, 1e-5)
	}
	many.Init, many.Out, many.Set = tune.Init, filepath.Join(t.TempDir(), "many"), tune.Set
	stopOn2(t, many, finetune)
	fineMany, err := Finetune(context.Background(), many)
	if err != nil {
		t.Fatal(err)
	}
	sameLosses(t, tune.Out, many.Out)
	nearLosses(t, []float64{fineMany.ValMSE}, []float64{fine.ValMSE}, 1e-5)
	if fine.Devices != 1 || preMany.Devices != 4 || fineMany.Devices != 4 {
		t.Errorf("results of %d, %d and %d devices", fine.Devices, preMany.Devices, fineMany.Devices)
	}
}

// stopOn2 runs three steps of a stage on two devices.
func stopOn2(t *testing.T, o Options, stage func(context.Context, Options) error) {
	t.Helper()
	o.Devices = 2
	stopAt(t, o, 3, stage)
}

// sameLosses compares the losses of the five steps of two runs.
func sameLosses(t *testing.T, one, many string) {
	t.Helper()
	want := lossLines(t, one)
	if len(want["loss"]) != 5 {
		t.Fatalf("%d steps", len(want["loss"]))
	}
	for name, got := range lossLines(t, many) {
		nearLosses(t, got, want[name], 1e-5)
	}
}

func TestDevicesRefuses(t *testing.T) {
	o := xlaOptions(t)
	o.Devices = 1000
	_, err := Pretrain(context.Background(), o)
	mustFail(t, err, "1000 devices are asked for", fmt.Sprintf("has %d", o.Backend.NumDevices()))
	if jsonfile.Exists(run.Dir(o.Out).Recipe()) {
		t.Error("the run directory was made")
	}
	o.Devices = o.Backend.NumDevices()
	if o.Devices < 2 {
		return
	}
	if err := o.Recipe.Set("pretrain.batch=7"); err != nil {
		t.Fatal(err)
	}
	_, err = Pretrain(context.Background(), o)
	mustFail(t, err, fmt.Sprintf("%d devices cannot share 7 examples", o.Devices), "pretrain.batch")
}
