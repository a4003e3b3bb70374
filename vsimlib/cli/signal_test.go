// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"vsim/vsimlib/trainer"
)

func raise(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), sig); err != nil {
		t.Fatal(err)
	}
}

func arrives[T any](t *testing.T, c <-chan T, within time.Duration) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(within):
		t.Fatal("nothing came")
	}
	panic("not reached")
}

// TestSecondSignal: the first signal ends the context, one at the same moment is the same, a later one ends the process.
func TestSecondSignal(t *testing.T) {
	ended := make(chan int, 8)
	ctx, stop := withSignals(t.Context(), time.Minute, func(s *signalled) { ended <- s.code() })
	defer stop()
	raise(t, syscall.SIGINT)
	arrives(t, ctx.Done(), time.Second)
	if cause := context.Cause(ctx); cause.Error() != "stopped by SIGINT" {
		t.Errorf("cause %v", cause)
	}
	raise(t, syscall.SIGINT)
	time.Sleep(2 * echo)
	select {
	case <-ended:
		t.Fatal("an echo of the first signal ended the process")
	default:
	}
	raise(t, syscall.SIGTERM)
	if code := arrives(t, ended, time.Second); code != 143 {
		t.Errorf("exit code %d", code)
	}
}

// TestStopSignals: each signal that stops ends the context, with its name and the exit code that shells know.
func TestStopSignals(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		code   int
		cause  string
	}{
		{syscall.SIGINT, 130, "stopped by SIGINT"}, {syscall.SIGTERM, 143, "stopped by SIGTERM"},
		{syscall.SIGHUP, 129, "stopped by SIGHUP"}, {syscall.SIGUSR1, 138, "stopped by SIGUSR1"},
		{syscall.SIGUSR2, 140, "stopped by SIGUSR2"},
	} {
		t.Run(c.cause, func(t *testing.T) {
			if signal.Ignored(c.signal) {
				t.Skip("the test's parent ignores it")
			}
			ctx, stop := withSignals(t.Context(), time.Minute, func(*signalled) { t.Error("forced") })
			defer stop()
			raise(t, c.signal)
			arrives(t, ctx.Done(), time.Second)
			var by *signalled
			if cause := context.Cause(ctx); !errors.As(cause, &by) || by.code() != c.code || cause.Error() != c.cause {
				t.Errorf("cause %v", cause)
			}
		})
	}
}

// TestIgnoredHangup: under nohup a SIGHUP does nothing.
func TestIgnoredHangup(t *testing.T) {
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	ctx, stop := withSignals(t.Context(), time.Minute, func(*signalled) { t.Error("forced") })
	defer stop()
	raise(t, syscall.SIGHUP)
	time.Sleep(echo)
	if ctx.Err() != nil {
		t.Errorf("the context ended: %v", context.Cause(ctx))
	}
}

// TestPatience: work that does not return in time is ended.
func TestPatience(t *testing.T) {
	const patience = 300 * time.Millisecond
	ended := make(chan int, 8)
	began := time.Now()
	_, stop := withSignals(t.Context(), patience, func(s *signalled) { ended <- s.code() })
	defer stop()
	raise(t, syscall.SIGTERM)
	if code := arrives(t, ended, patience+time.Second); code != 143 || time.Since(began) < patience {
		t.Errorf("exit code %d after %v", code, time.Since(began))
	}
}

// TestNoSignal: without a signal nothing happens, after stop either.
func TestNoSignal(t *testing.T) {
	ctx, stop := withSignals(t.Context(), time.Minute, func(*signalled) { t.Error("forced") })
	stop()
	if ctx.Err() != nil {
		t.Error("the context ended")
	}
}

func TestVerdict(t *testing.T) {
	live := t.Context()
	stopped, cancel := context.WithCancelCause(live)
	cancel(&signalled{syscall.SIGTERM})
	a := &App{verb: "embed"}
	for _, c := range []struct {
		ctx  context.Context
		err  error
		code int
		line string
	}{
		{live, errors.New("corpus: x: y"), ExitFailed, "corpus: x: y"},
		{live, errors.Join(errors.New("a: b"), errors.New("c: d")), ExitFailed, "a: b; c: d"},
		{live, &usageError{"embed: what?"}, ExitUsage, "embed: what?"},
		{stopped, context.Canceled, 143, "embed: stopped by SIGTERM"},
		{stopped, errors.New("jupyter: a.ipynb: stopped in code cell 3: context canceled"), 143, "jupyter: a.ipynb: stopped in code cell 3: stopped by SIGTERM"},
		{stopped, errors.Join(errors.New("pretrain: r: step 3 of 9"), trainer.ErrStopped), 143,
			"pretrain: r: step 3 of 9; " + trainer.ErrStopped.Error()},
	} {
		if code, line := a.verdict(c.ctx, c.err); code != c.code || line != c.line {
			t.Errorf("%v: %d %q, want %d %q", c.err, code, line, c.code, c.line)
		}
	}
}
