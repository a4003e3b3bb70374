// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/checkpoint/saver"
	"vsim/vsimlib/compilecache"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/run"
)

// averaged are weights whose averages the tests follow; finetuning leaves the last as it is.
var averaged = []string{"bert.encoder.layer.0.output.dense.weight", "video_fc.bias", "embedding_fc.weight", "tag_fc.weight"}

// valuesOf are the values of the weights above.
func valuesOf(t *testing.T, s *model.Store) (flat []float64) {
	t.Helper()
	for _, name := range averaged {
		values, err := tensors.CopyFlatData[float32](s.GetVariable("/" + name).MustValue())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			flat = append(flat, float64(v))
		}
	}
	return flat
}

func modelValues(t *testing.T, dir string) []float64 {
	t.Helper()
	_, s, err := multimodal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return valuesOf(t, s)
}

// TestAverages: the published model has the averages, computed here in float64 from the weights after each step of a run without
// averages, which is stopped there. Both runs have the same training losses, and the score of finetuning is the published model's.
func TestAverages(t *testing.T) {
	const decay = 0.4
	o := goOptions(t, "pretrain.epochs=1", "finetune.max_pairs=96", "finetune.select=last", "finetune.val_every=0")
	for _, stage := range []func(*testing.T, Options) (int, string){pretrained, finetuned} {
		_, plain := stage(t, o)
		with := setAll(t, o, "pretrain.ema=0.4", "finetune.ema=0.4")
		steps, dir := stage(t, with)
		nearLosses(t, lossLines(t, with.Out)["loss"], lossLines(t, o.Out)["loss"], 0)
		var want []float64
		for step := 1; step <= steps; step++ {
			d := optim.AverageDecay(decay, step)
			for i, w := range weightsAfter(t, o, step, stage) {
				if step == 1 {
					want = append(want, 0)
				}
				want[i] = d*want[i] + (1-d)*w
			}
		}
		nearLosses(t, modelValues(t, dir), want, 1e-6)
		if modelHash(t, dir) == modelHash(t, plain) {
			t.Error("the published model has the last weights")
		}
		o.Init, o.Out = plain, filepath.Join(t.TempDir(), "fine")
	}
}

func pretrained(t *testing.T, o Options) (steps int, dir string) {
	t.Helper()
	r, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Steps, r.Model
}

// finetuned also compares the score with that of the published model, which a run without steps validates.
func finetuned(t *testing.T, o Options) (steps int, dir string) {
	t.Helper()
	r, err := Finetune(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	again := setAll(t, o, "finetune.epochs=0")
	again.Init = r.Model
	same, err := Finetune(context.Background(), again)
	if err != nil {
		t.Fatal(err)
	}
	if same.ValSpearman != r.ValSpearman || math.Abs(same.ValMSE-r.ValMSE) > 1e-9 {
		t.Errorf("scores %g and %g, of the published model %g and %g", r.ValSpearman, r.ValMSE, same.ValSpearman, same.ValMSE)
	}
	return r.Steps, r.Model
}

// weightsAfter are the weights after a step of a run that is done in o.Out; it is made once more and stopped there, unless the step
// is its last.
func weightsAfter(t *testing.T, o Options, step int, stage func(*testing.T, Options) (int, string)) []float64 {
	t.Helper()
	train := pretrain
	if o.Init != "" {
		train = finetune
	}
	_, s, err := multimodal.Load(run.Dir(o.Out).Model())
	if err != nil {
		t.Fatal(err)
	}
	o.Out = filepath.Join(t.TempDir(), "stopped")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Report = func(p Progress) {
		if p.Step == step && p.Step < p.Steps {
			cancel()
		}
	}
	if err := train(ctx, o); err == nil {
		return modelValues(t, run.Dir(o.Out).Model())
	}
	found, _, err := checkpoint.Latest(run.Dir(o.Out).Checkpoints())
	if err != nil || found == nil || found.Step != step {
		t.Fatalf("no checkpoint of step %d: %v", step, err)
	}
	if err := saver.LoadWeights(s, found); err != nil {
		t.Fatal(err)
	}
	return valuesOf(t, s)
}

// TestResumeAverages stops both stages after every step, of whole and of accumulated steps, with rates that fall by layer.
func TestResumeAverages(t *testing.T) {
	o := goOptions(t)
	if testing.Short() {
		resumeAverages(t, o.Backend, 4, "2")
		return
	}
	resumeAverages(t, o.Backend, 1, "1")
	resumeAverages(t, o.Backend, 1, "2")
}

// TestResumeAveragesXLA does the same on XLA:CPU, at every third step.
func TestResumeAveragesXLA(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	resumeAverages(t, compilecache.New(backendstest.Backend(t)), 3, "1")
}

func resumeAverages(t *testing.T, backend compute.Backend, every int, parts string) {
	o := goOptions(t, "pretrain.ema=0.8", "finetune.ema=0.5", "pretrain.layer_decay=0.7", "finetune.layer_decay=0.7",
		"pretrain.epochs=1", "pretrain.accumulate="+parts, "finetune.accumulate="+parts)
	o.Backend = backend
	steps, pre := pretrained(t, o)
	for stop := 1; stop < steps; stop += every {
		stopAndGoOn(t, o, stop, pretrain, pre)
	}
	o.Init, o.Out = pre, filepath.Join(t.TempDir(), "fine")
	steps, fine := finetuned(t, o)
	for stop := 1; stop < steps; stop += every {
		stopAndGoOn(t, o, stop, finetune, fine)
	}
}

// TestAveragesOnDevices: on two devices the averages, scores and checkpoints are those of one.
func TestAveragesOnDevices(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	o := xlaOptions(t, append(noDropout, "pretrain.ema=0.5", "finetune.ema=0.5", "pretrain.epochs=1", "model.num_hidden_layers=1",
		"pretrain.checkpoint_every=2", "pretrain.val_every=2")...)
	if has := o.Backend.NumDevices(); has < 2 {
		t.Skipf("the backend has %d devices", has)
	}
	_, one := pretrained(t, o)
	o.Out, o.Devices = filepath.Join(t.TempDir(), "two"), 2
	_, two := pretrained(t, o)
	nearLosses(t, modelValues(t, two), modelValues(t, one), 1e-3)
}
