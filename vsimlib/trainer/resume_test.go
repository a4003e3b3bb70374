// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/compilecache"
	"vsim/vsimlib/run"
)

func modelHash(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, run.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// course is what metrics.jsonl says without the times: one line a training step, in order, and the validations.
func course(t *testing.T, out string) string {
	t.Helper()
	lines, err := run.ReadMetrics(run.Dir(out).Metrics())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, line := range lines {
		delete(line, "videos_per_s")
		fmt.Fprintln(&b, line)
	}
	return b.String()
}

// TestResumeAtEveryStep stops both stages after every step, each time on a fresh run directory, goes on and compares weights and
// metrics with the undisturbed run. The pure Go backend compiles at once.
func TestResumeAtEveryStep(t *testing.T) {
	backend, err := backends.OpenGo()
	if err != nil {
		t.Fatal(err)
	}
	every := 1
	if testing.Short() {
		every = 8
	}
	resumeAtSteps(t, backend, every)
}

// TestResumeXLA does the same on XLA:CPU, which compiles each program once in this process.
func TestResumeXLA(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	resumeAtSteps(t, compilecache.New(backendstest.Backend(t)), 1)
}

// TestResumeAhead does the same where the next step is sent before the outcome of one is known, as on a GPU.
func TestResumeAhead(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	resumeAtSteps(t, compilecache.New(backendstest.Asynchronous(t)), 3)
}

// resumeAtSteps stops both stages after each step of that distance.
func resumeAtSteps(t *testing.T, backend compute.Backend, every int) {
	base := Options{Backend: backend, Corpus: smallCorpus(t), Out: t.TempDir(),
		Recipe: smallRecipe(t, "pretrain.include_tests=true", "pretrain.pairwise_epochs=1")}
	pre, err := Pretrain(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	// 41 videos in batches of 6, two epochs, then 31 pairwise videos once.
	if pre.Steps != 2*6+5 {
		t.Fatalf("%d steps, want 17", pre.Steps)
	}
	tune := base
	tune.Init, tune.Out = pre.Model, t.TempDir()
	fine, err := Finetune(context.Background(), tune)
	if err != nil {
		t.Fatal(err)
	}
	for stop := 1; stop < pre.Steps; stop += every {
		t.Run(fmt.Sprintf("pretrain/%d", stop), func(t *testing.T) { stopAndGoOn(t, base, stop, pretrain, pre.Model) })
	}
	for stop := 1; stop < fine.Steps; stop += every {
		t.Run(fmt.Sprintf("finetune/%d", stop), func(t *testing.T) { stopAndGoOn(t, tune, stop, finetune, fine.Model) })
	}
}

func pretrain(ctx context.Context, o Options) error { _, err := Pretrain(ctx, o); return err }
func finetune(ctx context.Context, o Options) error { _, err := Finetune(ctx, o); return err }

// stopAt runs a stage and stops it after a step.
func stopAt(t *testing.T, o Options, step int, stage func(context.Context, Options) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Report = func(p Progress) {
		if p.Step == step {
			cancel()
		}
	}
	if err := stage(ctx, o); !errors.Is(err, ErrStopped) {
		t.Fatalf("not stopped at %d: %v", step, err)
	}
}

// stopAndGoOn runs a stage into a fresh directory, stops it after a step, goes on, and compares with the run in o.Out.
func stopAndGoOn(t *testing.T, o Options, stop int, stage func(context.Context, Options) error, model string) {
	whole := o.Out
	o.Out = t.TempDir()
	stopAt(t, o, stop, stage)
	if err := stage(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if modelHash(t, run.Dir(o.Out).Model()) != modelHash(t, model) {
		t.Errorf("stopped at %d: other weights than the undisturbed run", stop)
	}
	if got, want := course(t, o.Out), course(t, whole); got != want {
		t.Errorf("stopped at %d: metrics\n%swant\n%s", stop, got, want)
	}
}

// TestNotFiniteAhead: a step that is not finite ends a run in the same way where the step after it was sent already: with the same
// message, metrics and checkpoint, that of the state before.
func TestNotFiniteAhead(t *testing.T) {
	if testing.Short() {
		t.Skip("compilations of XLA")
	}
	type end struct{ message, course, state string }
	diverge := func(backend compute.Backend) end {
		o := Options{Backend: backend, Corpus: smallCorpus(t), Out: t.TempDir(), // at these rates weights grow at each step
			Recipe: smallRecipe(t, "pretrain.lr_encoder=100", "pretrain.lr_heads=100", "pretrain.weight_decay=100",
				"pretrain.val_videos=0", "model.num_hidden_layers=1")}
		_, err := Pretrain(context.Background(), o)
		mustFail(t, err, "pretrain: step 7", "not finite", "the weights are as before this step")
		found, _, e := checkpoint.Latest(run.Dir(o.Out).Checkpoints())
		if e != nil || found == nil || found.Step != 6 {
			t.Fatalf("checkpoint %+v (%v), want that of step 6", found, e)
		}
		state, e := os.ReadFile(filepath.Join(found.Path, "weights.safetensors"))
		if e != nil {
			t.Fatal(e)
		}
		return end{err.Error(), course(t, o.Out), fmt.Sprintf("%x", sha256.Sum256(state))}
	}
	want := diverge(compilecache.New(backendstest.XLA(t)))
	if got := diverge(compilecache.New(backendstest.Asynchronous(t))); got != want {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}
