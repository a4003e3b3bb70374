// SPDX-License-Identifier: Apache-2.0

package trainer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"vsim/vsimlib/batch"
	"vsim/vsimlib/checkpoint"
	"vsim/vsimlib/run"
	"vsim/vsimlib/safetensors"
)

// keepCheckpoints is how many a run keeps: the newest, and one to fall back on.
const keepCheckpoints = 2

// example is one training batch: its arrays in the order of the step graph, and what to call it.
type example struct {
	tensors []any
	micro   [][]any // where the step is accumulated: in place of tensors, those of each micro-batch, its shares last
	ids     []string
	videos  int
}

// free gives the arrays' memory back at once; Go's collector does not see a device's.
func (e example) free() error {
	for _, t := range slices.Concat(append(e.micro, e.tensors)...) {
		if err := t.(interface{ FinalizeAll() error }).FinalizeAll(); err != nil {
			return err
		}
	}
	return nil
}

// plan is one stage's work: what a step is, and when something else happens.
type plan struct {
	steps, epochs             int
	lastEpoch                 int                    // steps in it
	passes                    func(step int) float64 // over the data, after so many steps
	checkpointEvery, valEvery int                    // steps; 0: every epoch
	seed                      int64
	losses                    []string                                  // names of the step graph's losses
	graph                     stepGraph                                 // the step, or where update is not nil that of a micro-batch
	update                    stepGraph                                 // of a step that is accumulated
	rows                      []bool                                    // which of a batch's arrays have a row an example
	rates                     func(step int) (*tensors.Tensor, float64) // and the encoder's learning rate
	example                   func(step int) (example, error)
	validate                  func(ctx context.Context, l *loop, step int) ([]Loss, error) // nil: none
	close                     func()                                                       // nil: nothing to close
}

// loop runs a plan from its newest checkpoint to its end.
type loop struct {
	*session
	plan
	state   state
	metrics *run.Metrics
	saved   int // step of the newest checkpoint on disk
	rate    meter
	last    []Loss
}

// meter measures videos per second of training alone.
type meter struct {
	videos int
	spent  time.Duration
	recent float64 // seconds a step, smoothed
}

func (m *meter) add(videos int, took time.Duration) {
	m.videos += videos
	m.spent += took
	if m.recent == 0 {
		m.recent = took.Seconds()
	}
	m.recent += 0.1 * (took.Seconds() - m.recent)
}

func (m *meter) videosPerS() float64 {
	if m.spent <= 0 {
		return 0
	}
	return float64(m.videos) / m.spent.Seconds()
}

// due tells whether something that happens every n steps, or with 0 at the end of every epoch, happens after step steps.
func (p plan) due(n, step int) bool {
	if n == 0 {
		passes := p.passes(step)
		return step > 0 && passes == math.Trunc(passes)
	}
	return step > 0 && step%n == 0
}

// run brings the plan to its end, or to the next step after ctx ends, and leaves a checkpoint of where it is.
func (s *session) run(ctx context.Context, p plan) (*loop, error) {
	l := &loop{session: s, plan: p}
	if p.steps > 0 {
		if err := s.checkMemory(); err != nil {
			return nil, err
		}
	}
	start, st, err := s.restore()
	if err != nil {
		return nil, err
	}
	l.state, l.saved = st, start
	if l.metrics, err = run.OpenMetrics(s.dir.Metrics(), start); err != nil {
		return nil, err
	}
	err = l.train(ctx, start)
	if e := l.metrics.Close(); err == nil {
		err = e
	}
	return l, err
}

func (l *loop) train(ctx context.Context, start int) error {
	a, err := newAdvancer(l)
	if err != nil {
		return fmt.Errorf("%s: %w", l.stage, err)
	}
	defer a.close()
	if l.close != nil {
		defer l.close()
	}
	step := start
	since := time.Now()
	more := func() (bool, error) { // what is due between steps
		if step > start && (step == l.steps || l.due(l.checkpointEvery, step)) {
			if err := l.save(step); err != nil {
				return false, err
			}
		}
		if l.validate != nil && step > 0 && (step == l.steps || l.due(l.valEvery, step)) {
			if err := l.check(ctx, step); err != nil {
				return false, l.stopped(ctx, step, fmt.Errorf("validation: %w", err))
			}
		}
		if err := ctx.Err(); err != nil && step < l.steps {
			return false, l.stopped(ctx, step, err)
		}
		return step < l.steps, nil
	}
	if ok, err := more(); !ok || err != nil {
		return err
	}
	for made, err := range batch.Prefetch(ctx, start, l.steps, batch.Ahead, a.example) {
		if err != nil {
			return l.stopped(ctx, step, err)
		}
		if err := l.step(a, step, made, since); err != nil {
			return l.fail(step, err)
		}
		step++
		if ok, err := more(); !ok || err != nil {
			return err
		}
		since = time.Now() // waiting for a batch counts as training, saving and validating do not
	}
	return l.stopped(ctx, step, ctx.Err()) // the batches ended early
}

// stopped saves the state where ctx has ended, so that nothing is lost, and otherwise returns err.
func (l *loop) stopped(ctx context.Context, step int, err error) error {
	if ctx.Err() == nil {
		return l.fail(step, err)
	}
	if step > l.saved {
		if err := l.save(step); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s: %s: step %d of %d: %w", l.stage, l.dir, step, l.steps, ErrStopped)
}

// fail names the place of an error of step+1.
func (l *loop) fail(step int, err error) error {
	if errors.Is(err, errNotFinite) && step > l.saved {
		if e := l.save(step); e != nil { // the weights before the bad step are good
			err = fmt.Errorf("%w; and %w", err, e)
		}
	}
	return fmt.Errorf("%s: step %d: %w", l.stage, step+1, l.explain(err))
}

var errNotFinite = errors.New("not finite")

// step trains one batch and logs it; since is when the one before was done with.
func (l *loop) step(a *advancer, step int, e example, since time.Time) error {
	if step == l.saved && l.rate.spent == 0 {
		l.Report(l.progress(Compiling, step))
	}
	rates, lr := l.rates(step)
	losses, ok, err := a.advance(step, e, rates)
	if err != nil {
		return err
	}
	if !ok {
		return l.notFinite(losses, e)
	}
	if err := e.free(); err != nil {
		return err
	}
	took := time.Since(since)
	if l.last != nil { // the first step of a process compiles
		l.rate.add(e.videos, took)
	}
	l.last = l.last[:0]
	line := map[string]any{"step": step + 1, "epoch": l.passes(step + 1), "lr": lr, "videos_per_s": float64(e.videos) / took.Seconds()}
	for i, name := range l.losses {
		line[name] = losses[i]
		l.last = append(l.last, Loss{name, float64(losses[i])})
	}
	if err := l.metrics.Append(line); err != nil {
		return err
	}
	p := l.progress(Stage(l.stage), step+1)
	p.LR = lr
	l.Report(p)
	return nil
}

// notFinite names the losses and the batch; the step's graph has left weights and moments as they were.
func (l *loop) notFinite(losses []float32, e example) error {
	var parts []string
	finite := true
	for i, name := range l.losses {
		parts = append(parts, fmt.Sprintf("%s %g", name, losses[i]))
		finite = finite && !math.IsNaN(float64(losses[i])) && !math.IsInf(float64(losses[i]), 0)
	}
	what := "loss"
	if finite {
		what = "gradient"
	}
	return fmt.Errorf("%s is %w (%s); the weights are as before this step; batch: %s", what, errNotFinite, strings.Join(parts, ", "), strings.Join(e.ids, " "))
}

// check validates and logs.
func (l *loop) check(ctx context.Context, step int) error {
	l.Report(l.progress(Validating, step))
	values, err := l.validate(ctx, l, step)
	if err != nil {
		return err
	}
	line := map[string]any{"step": step, "epoch": l.passes(step)}
	for _, v := range values {
		line[v.Name] = v.Value
	}
	p := l.progress(Validated, step)
	p.Losses = values
	l.Report(p)
	return l.metrics.Append(line)
}

func (l *loop) progress(stage Stage, step int) Progress {
	left := time.Duration(l.rate.recent * float64(l.steps-step) * float64(time.Second))
	return Progress{Stage: stage, Step: step, Steps: l.steps, Epoch: l.passes(step), Epochs: l.epochs, Losses: l.last,
		VideosPerS: l.rate.videosPerS(), Remaining: left}
}

// save writes a checkpoint of the state after step steps and clears older ones.
func (l *loop) save(step int) error {
	if err := l.metrics.Sync(); err != nil {
		return err
	}
	groups := map[string][]safetensors.Tensor{}
	for group, scope := range scopes {
		list, err := checkpoint.Tensors(l.store, scope)
		if err != nil {
			return err
		}
		groups[group] = list
	}
	if err := checkpoint.Save(l.dir.Checkpoints(), step, groups, l.state); err != nil {
		return err
	}
	l.saved = step
	for _, w := range checkpoint.Prune(l.dir.Checkpoints(), keepCheckpoints) {
		l.Warn(w)
	}
	return nil
}

// keepBest saves the weights of a validated state.
func (l *loop) keepBest(best scored) error {
	list, err := checkpoint.Tensors(l.store, checkpoint.Root)
	if err != nil {
		return err
	}
	if err := checkpoint.SaveNamed(l.dir.Checkpoints(), bestName, best.Step, map[string][]safetensors.Tensor{"weights": list}, best); err != nil {
		return err
	}
	l.state.Best, l.state.Named = &best, map[string]int{bestName: best.Step}
	return nil
}

// takeBest puts the best state's weights into the store.
func (l *loop) takeBest() error {
	found, err := checkpoint.LoadNamed(l.dir.Checkpoints(), bestName, l.state.Best.Step)
	if err != nil {
		return err
	}
	list, err := found.Group("weights")
	if err != nil {
		return err
	}
	return checkpoint.Restore(l.store, checkpoint.Root, list)
}

// randomState is the state that a step's dropout draws from, a function of (seed, step).
func randomState(seed int64, step int) *tensors.Tensor {
	x := uint64(seed)*0x9E3779B97F4A7C15 + uint64(step)
	state := make([]uint64, 3)
	for i := range state {
		x += 0x9E3779B97F4A7C15 // splitmix64
		z := (x ^ x>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		state[i] = z ^ z>>31
	}
	return tensors.FromFlatDataAndDimensions(state, len(state))
}
