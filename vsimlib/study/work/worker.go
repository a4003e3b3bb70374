// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/compilecache"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/inference"
	"vsim/vsimlib/run"
	"vsim/vsimlib/run/outcome"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/score"
	"vsim/vsimlib/study/task"
	"vsim/vsimlib/synth"
	"vsim/vsimlib/trainer"
)

// Worker runs tasks in this process, several at a time where asked to. Its zero value is ready.
type Worker struct {
	Warn   func(string)                      // receives one-line warnings; may be nil
	Report func(t *task.Task, share float64) // receives how much of a task is done, 0 to 1; may be nil

	// Device gives a backend in the form in which trainer takes it; nil: that of package device. It is asked once, and only if there
	// is something to train or to embed.
	Device func() (trainer.Options, error)

	once   sync.Once
	opened trainer.Options
	err    error
}

// device opens the backend.
func (w *Worker) device() (trainer.Options, error) {
	w.once.Do(func() {
		open := w.Device
		if open == nil {
			open = func() (o trainer.Options, err error) {
				var info backends.Info
				if o.Backend, info, err = backends.Open(); err != nil {
					return o, err
				}
				if info.Warning != "" {
					w.warn(info.Warning)
				}
				o.Backend = compilecache.New(o.Backend)
				return o, nil
			}
		}
		w.opened, w.err = open()
		w.opened.Warn = w.warn
	})
	return w.opened, w.err
}

func (w *Worker) warn(line string) {
	if w.Warn != nil {
		w.Warn(line)
	}
}

func (w *Worker) report(t *task.Task, share float64) {
	if w.Report != nil {
		w.Report(t, share)
	}
}

// Run brings a task to its end, or to the next moment after ctx ends at which all that was done is on the disk; then the error is
// trainer.ErrStopped or the context's. What it needs must be done. If another process has the task, Run waits for it. A task that
// is done is left as it is. Why one failed is written into its directory.
func (w *Worker) Run(ctx context.Context, g *study.Grid, t *task.Task) error {
	if t.Done() {
		return nil
	}
	for _, n := range g.Needed(t) {
		if !n.Done() {
			return fmt.Errorf("study: %s of %s is not done, and %s needs it; run task %s first", n.Kind, n.Label, t.Kind, n.Key)
		}
	}
	unlock, err := run.Dir(t.Dir).Wait(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if t.Done() {
		return nil
	}
	for _, line := range t.Damaged() {
		w.warn(fmt.Sprintf("study: %s; made again", line))
	}
	if adopted, err := t.Adopt(); adopted || err != nil {
		if adopted {
			w.warn(fmt.Sprintf("study: %s: has no manifest (an older vsim made it, or it was stopped at its very end): "+
				"it is taken as it is", t.Dir))
		}
		return err
	}
	if err := t.Begin(); err != nil {
		return err
	}
	began := time.Now()
	r, err := w.work(ctx, g, t)
	if err != nil {
		if ctx.Err() == nil {
			err = errors.Join(err, t.Fail(g.Clean(err.Error())))
		}
		return err
	}
	r.Seconds, r.Work = time.Since(began).Seconds(), g.Work(t)
	return t.Finish(r)
}

func (w *Worker) work(ctx context.Context, g *study.Grid, t *task.Task) (task.Result, error) {
	w.report(t, 0)
	switch t.Kind {
	case task.Corpus:
		return w.generate(ctx, t)
	case task.Pretrain, task.Finetune:
		return w.train(ctx, g, t)
	case task.Embed:
		return w.embed(ctx, g, t)
	case task.Join:
		return task.Result{}, score.Join(t)
	case task.Ensemble:
		return w.ensemble(ctx, t)
	}
	return task.Result{}, fmt.Errorf("study: a task of kind %q", t.Kind)
}

// generate writes the corpus, over what a killed process left of it.
func (w *Worker) generate(ctx context.Context, t *task.Task) (task.Result, error) {
	o := *t.Synth
	o.Force, o.Owned = true, true
	o.Report = func(_ string, done, total int) { w.report(t, float64(done)/float64(max(1, total))) }
	_, err := synth.Write(ctx, o)
	return task.Result{}, err
}

// planned is the device, which must be of the backend that the grid was planned for.
func (w *Worker) planned(g *study.Grid) (trainer.Options, error) {
	o, err := w.device()
	if err != nil || g.Backend == backends.Any {
		return o, err
	}
	if is := backends.Setting(o.Backend); is != g.Backend {
		return o, fmt.Errorf("study: it was planned for the backend %s, and this machine computes on %s; plan it for that one with "+
			"--backend, or for any with --mix-backends", g.Backend, is)
	}
	return o, nil
}

func (w *Worker) train(ctx context.Context, g *study.Grid, t *task.Task) (task.Result, error) {
	o, err := w.planned(g)
	if err != nil {
		return task.Result{}, err
	}
	o.MixBackends = g.Backend == backends.Any
	o.Corpus, o.Recipe, o.Set, o.Init, o.Out = t.Train.Corpus, t.Train.Recipe, t.Train.Set, t.Train.Init, string(t.Run())
	o.Report = func(p trainer.Progress) {
		if p.Steps > 0 {
			w.report(t, float64(p.Step)/float64(p.Steps))
		}
	}
	var by outcome.Computed
	if t.Kind == task.Pretrain {
		var r trainer.PretrainResult
		r, err = trainer.Pretrain(ctx, o)
		by = r.Computed
	} else {
		var r trainer.FinetuneResult
		r, err = trainer.Finetune(ctx, o)
		by = r.Computed
	}
	if err != nil {
		return task.Result{}, err
	}
	result := task.Result{Provenance: by.Provenance}
	if t.Train.Recipe.Pretrain.CheckpointKeep && t.Kind == task.Pretrain || t.Train.Recipe.Finetune.CheckpointKeep {
		return result, nil
	}
	// Of a large model they take more than all else, and nothing reads them any more: a model that is lost is trained again.
	if err := os.RemoveAll(t.Run().Checkpoints()); err != nil {
		return task.Result{}, fmt.Errorf("study: %w", err)
	}
	return result, nil
}

func (w *Worker) embed(ctx context.Context, g *study.Grid, t *task.Task) (task.Result, error) {
	o, err := w.planned(g)
	if err != nil {
		return task.Result{}, err
	}
	files, err := records(t.Embed)
	if err != nil {
		return task.Result{}, err
	}
	embedded, err := inference.Run(ctx, inference.Options{Backend: o.Backend, Model: t.Embed.Model, Out: t.EmbeddingsFile(),
		Records: files, Report: func(done, total int) { w.report(t, float64(done)/float64(total)) }})
	if err != nil {
		return task.Result{}, err
	}
	scored, err := score.Embedded(t)
	return task.Result{Score: scored, Provenance: embedded.Provenance}, err
}

// records are the paths of the record files that an embedding is made of.
func records(e *task.EmbedWork) ([]string, error) {
	c, err := corpus.Open(e.Corpus)
	if err != nil {
		return nil, err
	}
	files := c.Files(e.Part)
	if len(files) == 0 {
		return nil, fmt.Errorf("study: %s: the part %q has no record files", e.Corpus, e.Part)
	}
	return files, nil
}

func (w *Worker) ensemble(ctx context.Context, t *task.Task) (task.Result, error) {
	list, err := score.Ensemble(ctx, t.Ensemble, func(share float64) { w.report(t, share) })
	return task.Result{Ensemble: list}, err
}
