// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vsim/vsimlib/run"
)

// alone runs the calling test in a process of its own and returns false here, true there: a limit on the size of files holds for
// the log of go test, too.
func alone(t *testing.T) bool {
	t.Helper()
	const env = "VSIM_TRAINER_TEST_ALONE"
	if os.Getenv(env) == t.Name() {
		return true
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", fmt.Sprintf("-test.short=%t", testing.Short()))
	child.Env = append(os.Environ(), env+"="+t.Name())
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return false
}

// fullDisk makes every write beyond 8 KiB of a file fail, as on a full disk: metrics.jsonl can grow, no checkpoint can. It returns
// the function that ends this.
func fullDisk(t *testing.T) (end func()) {
	t.Helper()
	signal.Ignore(unix.SIGXFSZ)
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	set := func(cur uint64) {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: cur, Max: was.Max}); err != nil {
			t.Error(err)
		}
	}
	set(8 << 10)
	return func() { set(was.Cur) }
}

// duringFull runs a stage with a disk that is full after step from and until step to is done (0: to the end), and returns its error
// and warnings.
func duringFull(t *testing.T, o Options, from, to int, stage func(context.Context, Options) error) (warned []string, err error) {
	t.Helper()
	end := func() {}
	defer func() { end() }()
	o.Warn = func(line string) { warned = append(warned, line) }
	o.Report = func(p Progress) {
		switch {
		case !p.Trained():
		case p.Step == from:
			end = fullDisk(t)
		case p.Step == to:
			end()
		}
	}
	err = stage(context.Background(), o)
	return warned, err
}

// TestFullDisk: a save that fails is a warning, training goes on to the same weights and log, and the last good checkpoint stays;
// where the last save fails, so does the run, and the same call finishes it.
func TestFullDisk(t *testing.T) {
	if !alone(t) {
		return
	}
	o := goOptions(t)
	whole, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	same := func(out string) {
		t.Helper()
		if modelHash(t, run.Dir(out).Model()) != modelHash(t, whole.Model) || course(t, out) != course(t, o.Out) {
			t.Error("other weights or another log than the undisturbed run")
		}
	}
	passing := o
	passing.Out = filepath.Join(t.TempDir(), "passing")
	warned, err := duringFull(t, passing, 6, 10, pretrain)
	if err != nil || len(warned) != 1 || !strings.Contains(warned[0], "step-00000008: not saved: ") ||
		!strings.Contains(warned[0], "can continue from step 4") {
		t.Fatalf("error %v, warnings %q", err, warned)
	}
	same(passing.Out)

	last := o
	last.Out = filepath.Join(t.TempDir(), "last")
	_, err = duringFull(t, last, 6, 0, pretrain)
	mustFail(t, err, fmt.Sprintf("step-%08d: not saved: ", whole.Steps), unix.EFBIG.Error())
	if left := checkpointsOf(t, last.Out); !slices.Equal(left, []string{"step-00000004"}) {
		t.Errorf("checkpoints %v", left)
	}
	if err := pretrain(context.Background(), last); err != nil {
		t.Fatal(err)
	}
	same(last.Out)
}

// TestBestOnFullDisk: where the best state cannot be saved, the run ends with it all the same, or fails, and then the same call
// finds it again.
func TestBestOnFullDisk(t *testing.T) {
	if !alone(t) {
		return
	}
	o := goOptions(t, "pretrain.epochs=0", "finetune.select=best", "finetune.epochs=2", "finetune.lr_heads=0.5")
	fresh, err := Pretrain(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Init, o.Out = fresh.Model, filepath.Join(t.TempDir(), "whole")
	whole, err := Finetune(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	failed, tried, every := 0, 0, 1
	if testing.Short() {
		every = whole.Steps
	}
	for from := 1; from < whole.Steps; from += every {
		tried++
		for _, to := range []int{from + 2, 0} {
			some := o
			some.Out = filepath.Join(t.TempDir(), "run")
			warned, err := duringFull(t, some, from, to, finetune)
			if err != nil {
				failed++
				if !strings.Contains(err.Error(), "not saved") {
					t.Errorf("full from step %d to %d: %v", from, to, err)
				}
				err = finetune(context.Background(), some)
			}
			if err != nil || modelHash(t, run.Dir(some.Out).Model()) != modelHash(t, whole.Model) {
				t.Errorf("full from step %d to %d: other weights than the undisturbed run, error %v, warned %q", from, to, err, warned)
			}
		}
	}
	if failed < tried {
		t.Errorf("%d runs failed, and %d had no room for their last checkpoint", failed, tried)
	}
}

// TestNoRoom: a run whose checkpoint and model exceed the disk is refused before its first step, one with room for few is warned.
func TestNoRoom(t *testing.T) {
	o := goOptions(t)
	o.Disk = func(string) int64 { return 1000 }
	_, err := Pretrain(context.Background(), o)
	mustFail(t, err, "pretrain: "+o.Out, "the disk is too full", "1 kB are free")
	if lines, err := run.ReadMetrics(run.Dir(o.Out).Metrics()); err == nil && len(lines) > 0 {
		t.Errorf("%d lines", len(lines))
	}
	var warned []string
	o.Warn = func(line string) { warned = append(warned, line) }
	o.Disk = func(string) int64 { return 100_000 }
	if _, err := Pretrain(context.Background(), o); err != nil || len(warned) != 1 || !strings.Contains(warned[0], "may not suffice") {
		t.Errorf("error %v, warnings %q", err, warned)
	}
}
