// SPDX-License-Identifier: Apache-2.0

package work

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"vsim/vsimlib/run"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/task"
)

// Local works in this process, on up to jobs tasks at a time.
func Local(w *Worker, jobs int) Executor {
	return func(ctx context.Context, g *study.Grid, report func(Event)) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		l := &local{grid: g, state: map[string]State{}, report: report}
		l.free = sync.NewCond(&l.mu)
		w.Report = func(t *task.Task, share float64) { l.event(Event{Task: t, State: Running, Share: share}) }
		var wait sync.WaitGroup
		for range max(1, jobs) {
			wait.Go(func() { l.serve(ctx, cancel, w) })
		}
		wait.Wait()
		return l.err
	}
}

// local is the queue that the goroutines of Local share.
type local struct {
	grid   *study.Grid
	report func(Event)

	mu    sync.Mutex
	free  *sync.Cond       // a task came to its end
	state map[string]State // of the tasks that were begun or never will be
	err   error            // why all stop

	reporting sync.Mutex
}

func (l *local) event(e Event) {
	l.reporting.Lock()
	defer l.reporting.Unlock()
	l.report(e)
}

// serve takes one task after the other until none is left.
func (l *local) serve(ctx context.Context, cancel func(), w *Worker) {
	for t := l.take(ctx); t != nil; t = l.take(ctx) {
		err := w.Run(ctx, l.grid, t)
		e := Event{Task: t, State: Done, Share: 1}
		stopped := err != nil && ctx.Err() != nil
		if err != nil && !stopped {
			e = Event{Task: t, State: Failed, Err: err}
		}
		l.mu.Lock()
		l.state[t.Key] = e.State
		if stopped {
			l.err = better(l.err, err)
		}
		l.mu.Unlock()
		l.free.Broadcast()
		if stopped {
			cancel()
			return
		}
		l.event(e)
	}
}

// better is the error that says more: that of a run that saved its state, not that of one that was cut off.
func better(a, b error) error {
	if a == nil || errors.Is(a, context.Canceled) {
		return b
	}
	return a
}

// take is the first task whose needs are done, and of these one that no other process is at, where there is one. It waits for
// one, and is nil where none is left or ctx ended.
func (l *local) take(ctx context.Context) *task.Task {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if ctx.Err() != nil {
			l.err = better(l.err, ctx.Err())
			return nil
		}
		waiting := false
		var elsewhere *task.Task // the first that another process is at
		for _, t := range l.grid.Tasks {
			if _, begun := l.state[t.Key]; begun {
				continue
			}
			switch l.ready(t) {
			case Done:
				if run.Dir(t.Dir).Busy() {
					elsewhere = cmp.Or(elsewhere, t)
					continue
				}
				l.state[t.Key] = Running
				return t
			case Running:
				waiting = true
			case Blocked, Failed:
				l.state[t.Key] = Blocked
				l.event(Event{Task: t, State: Blocked})
			}
		}
		if elsewhere != nil {
			l.state[elsewhere.Key] = Running
			return elsewhere
		}
		if !waiting {
			return nil
		}
		l.free.Wait()
	}
}

// ready is the state of a task's needs: Done when all are.
func (l *local) ready(t *task.Task) State {
	state := Done
	for _, key := range t.Needs {
		switch s, begun := l.state[key]; {
		case !begun || s == Running:
			state = Running
		case s != Done:
			return Blocked
		}
	}
	return state
}
