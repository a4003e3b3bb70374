// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vsim/vsimlib/lookahead"
	"vsim/vsimlib/memplan"
	"vsim/vsimlib/optim"
	"vsim/vsimlib/pace"
	"vsim/vsimlib/run"
	"vsim/vsimlib/step"
)

// loop runs a stage from its newest checkpoint to its end.
type loop struct {
	name    Stage
	dir     run.Dir
	stage   stage
	plan    plan
	states  *states
	memory  memplan.Plan
	report  func(Progress)
	step    *step.Step
	metrics *run.Metrics
	rate    pace.Meter
	last    []Loss // of the last step of this process
}

// newLoop prepares the loop of a stage in its run directory.
func newLoop(s *source, dir run.Dir, work stage, saved *states, o Options) *loop {
	return &loop{name: s.stage, dir: dir, stage: work, plan: work.plan(), states: saved,
		memory: memoryPlan(s, o, work.plan()), report: o.Report}
}

// run trains to the end, or to the next step after ctx ends, and leaves a checkpoint of the state that it has reached.
func (l *loop) run(ctx context.Context) error {
	if l.plan.steps() > 0 {
		warnings, err := l.memory.Check()
		if err != nil {
			return err
		}
		for _, w := range warnings {
			l.states.warn(w)
		}
	}
	start, err := l.states.restore()
	if err != nil {
		return err
	}
	if start < l.plan.steps() {
		if err := l.states.room(l.memory); err != nil {
			return err
		}
	}
	if l.metrics, err = run.ResumeMetrics(l.dir.Metrics(), start, l.states.log); err != nil {
		return err
	}
	err = l.train(ctx, start)
	if err == nil {
		l.report(l.progress(Saving, l.plan.steps()))
		err = l.states.secure(l.plan.steps(), l.metrics)
	}
	if err == nil {
		err = l.metrics.Sync() // before the run is done
	}
	l.states.saver.Close()
	l.states.settle(l.states.saver.Ended())
	if e := l.metrics.Close(); err == nil {
		err = e
	}
	return err
}

// train makes the steps from start on.
func (l *loop) train(ctx context.Context, start int) (err error) {
	if l.step, err = step.New(l.stage.config()); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	defer l.step.Close()
	done, since := start, time.Now()
	if more, err := l.between(ctx, start, done); !more || err != nil {
		return err
	}
	l.report(l.progress(Compiling, done))
	batches := lookahead.Batches(ctx, l.step, start, l.plan.steps(), l.batch)
	for made, err := range step.Sequence(l.step, batches, l.pauses) {
		if err != nil && !made.Sent {
			return l.stopped(ctx, done, err)
		}
		now := time.Now()
		if err == nil {
			err = l.made(done, made, now.Sub(since))
		}
		if err != nil {
			return l.fail(done, err)
		}
		done++
		if made.Ahead { // nothing is due here, and the next step is under way
			l.states.settle(l.states.saver.Ended())
			l.states.saver.Prepare(l.states.source.store)
			since = now
			continue
		}
		if more, err := l.between(ctx, start, done); !more || err != nil {
			return err
		}
		since = time.Now() // waiting for a batch counts as training, saving and validating do not
	}
	return l.stopped(ctx, done, ctx.Err()) // the batches ended early
}

// batch builds the batch of step n.
func (l *loop) batch(n int) (step.Batch, error) {
	b, err := l.stage.batch(n)
	if err != nil {
		return b, err
	}
	return b.At(n, l.plan.rates(n)), nil
}

// pauses reports whether something is due after done steps.
func (l *loop) pauses(done int) bool {
	return l.plan.saves(done) || l.stage.validates() && l.plan.validates(done)
}

// between saves and validates where that is due after done steps, and reports whether training goes on.
func (l *loop) between(ctx context.Context, start, done int) (more bool, err error) {
	steps := l.plan.steps()
	l.states.settle(l.states.saver.Ended())
	if done > start && l.plan.saves(done) {
		l.report(l.progress(Saving, done))
		l.states.save(done, l.metrics)
	}
	if l.stage.validates() && done > 0 && l.plan.validates(done) {
		if err := l.validate(ctx, done); err != nil {
			return false, l.stopped(ctx, done, fmt.Errorf("validation: %w", err))
		}
	}
	if err := ctx.Err(); err != nil && done < steps {
		return false, l.stopped(ctx, done, err)
	}
	if done > start && done < steps {
		l.states.saver.Prepare(l.states.source.store)
	}
	return done < steps, nil
}

// stopped saves the state where ctx has ended, so that nothing is lost, and otherwise returns err.
func (l *loop) stopped(ctx context.Context, done int, err error) error {
	if ctx.Err() == nil {
		return l.fail(done, err)
	}
	l.report(l.progress(Saving, done))
	if err := l.states.secure(done, l.metrics); err != nil {
		return err
	}
	return fmt.Errorf("%s: %s: step %d of %d: %w", l.name, l.dir, done, l.plan.steps(), ErrStopped)
}

// fail adds the step to the error of the step after done ones. Where a value was not finite, it saves the state before, which is
// good.
func (l *loop) fail(done int, err error) error {
	if errors.Is(err, step.ErrNotFinite) && !errors.Is(err, step.ErrWeights) {
		if e := l.states.secure(done, l.metrics); e != nil {
			err = fmt.Errorf("%w; and %w", err, e)
		}
	}
	return fmt.Errorf("%s: step %d: %w", l.name, done+1, l.memory.Explain(err))
}

// made takes note of the step after done ones, which took that time, and logs it.
func (l *loop) made(done int, made step.Made[step.Batch], took time.Duration) error {
	b := made.Batch
	if err := l.step.Check(made.Outcome, b); err != nil {
		return err
	}
	if err := b.Free(); err != nil {
		return err
	}
	if l.last != nil { // the first step of a process compiles
		l.rate.Add(b.Videos, took)
	} else if plan, ok := l.step.Planned(); ok {
		l.report(Progress{Stage: Planned, Done: int(memplan.ProgramOf(l.memory)), Total: int(plan.Total()), Unit: Bytes})
	}
	return l.log(done+1, made.Outcome, l.plan.encoderRate(done), float64(b.Videos)/took.Seconds())
}

// log writes the line of a step to metrics.jsonl and reports the progress.
func (l *loop) log(done int, made step.Outcome, lr, videosPerS float64) error {
	l.last = l.last[:0]
	line := map[string]any{"step": done, "epoch": l.plan.passes(done), "lr": lr, "videos_per_s": videosPerS}
	line["grad_norm"] = made.GradNorm
	for i, name := range l.step.Losses() {
		line[name] = made.Losses[i]
		l.last = append(l.last, Loss{name, float64(made.Losses[i])})
	}
	if err := l.metrics.Append(line); err != nil {
		return err
	}
	p := l.progress(l.name, done)
	p.LR = lr
	l.report(p)
	return nil
}

// validate validates after done steps and logs the values found.
func (l *loop) validate(ctx context.Context, done int) error {
	l.report(l.progress(Validating, done))
	var values []Loss
	if err := optim.WithAverages(l.states.source.store, func() (err error) {
		values, err = l.stage.validate(ctx, done, l.validating(done))
		return err
	}); err != nil {
		return err
	}
	line := map[string]any{"step": done, "epoch": l.plan.passes(done)}
	for _, v := range values {
		if v.Value-v.Value != 0 {
			return fmt.Errorf("%s is %w (%g)", v.Name, step.ErrNotFinite, v.Value)
		}
		line[v.Name] = v.Value
	}
	p := l.progress(Validated, done)
	p.Losses = values
	l.report(p)
	return l.metrics.Append(line)
}

// validating returns a function that reports how many videos a validation has finished.
func (l *loop) validating(done int) func(videos, total int) {
	return func(videos, total int) {
		p := l.progress(Validating, done)
		p.Done, p.Total, p.Unit = videos, total, Videos
		l.report(p)
	}
}

// progress is the progress after done steps.
func (l *loop) progress(now Stage, done int) Progress {
	return Progress{Stage: now, Step: done, Steps: l.plan.steps(), Epoch: l.plan.passes(done), Epochs: l.plan.epochs(), Losses: l.last,
		VideosPerS: l.rate.Recently(), Remaining: l.rate.Remaining(l.plan.steps() - done)}
}
