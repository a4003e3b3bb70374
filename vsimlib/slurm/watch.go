// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vsim/vsimlib/filetype"
)

// Work is a graph of tasks and how to run one.
type Work struct {
	Name    string   // of the jobs, before their kind
	Dir     string   // absolute; on a file system that all nodes share, as all that the tasks write
	Command []string // runs one task; its key is appended; the program's path is absolute
	Options Options
	Tasks   []Task
	Done    func(key string) bool // whether the task's result is there
	Poll    time.Duration         // between two looks at the queue
	Tell    func(Event)           // called with what changes; may be nil
}

// Event is a task in a new state.
type Event struct {
	Key   string
	State State
	Why   string // of Failed, one line; of Waiting, Slurm's reason
}

// State is the state of a task.
type State int

// The states. Blocked is a task behind one that failed.
const (
	Waiting State = iota
	Running
	Done
	Failed
	Blocked
)

// settle is how long the result of a job that Slurm calls completed may take to be seen here, on a file system over the network.
const settle = time.Minute

// Run submits what is neither done nor in the queue, waits until every task is done or cannot be, and returns why those failed that
// did by themselves. When ctx ends it returns its error; the jobs go on, and the next Run finds them.
func Run(ctx context.Context, w Work) (failed map[string]string, err error) {
	if strings.ContainsAny(w.Dir+w.Name, "\n\r\x00") {
		return nil, fmt.Errorf("slurm: %q: the name of a directory with a line end cannot be in a job's script; choose another", w.Dir)
	}
	if err := w.Options.Check(); err != nil {
		return nil, err
	}
	v := &watch{Work: &w, last: map[string]Event{}, ended: map[string]time.Time{}, failed: map[string]string{},
		given: map[string]bool{}}
	for again := true; again; again = v.freed() {
		if v.queued, err = w.submit(ctx, v.given); err != nil {
			return nil, err
		}
		for !v.look(ctx) {
			select {
			case <-ctx.Done():
				return nil, v.stopped(ctx)
			case <-time.After(w.Poll):
			}
		}
		if ctx.Err() != nil {
			return nil, v.stopped(ctx)
		}
	}
	return v.failed, nil
}

// stopped is the context's error, with what becomes of the jobs.
func (v *watch) stopped(ctx context.Context) error {
	var jobs []string
	for key, e := range v.queued {
		if s := v.last[key].State; (s == Waiting || s == Running) && !slices.Contains(jobs, e.Job) {
			jobs = append(jobs, e.Job)
		}
	}
	slices.SortFunc(jobs, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return fmt.Errorf("%w; its jobs go on, and the same command waits for them; scancel %s ends them", ctx.Err(),
		strings.Join(jobs, " "))
}

// watch is a Run that waits.
type watch struct {
	*Work
	queued map[string]element
	last   map[string]Event
	ended  map[string]time.Time // when a task was first seen to have ended without a result
	failed map[string]string
	given  map[string]bool // failed, or blocked
}

func (v *watch) tell(key string, s State, why string) {
	e := Event{key, s, why}
	if v.last[key] != e && v.Tell != nil {
		v.Tell(e)
	}
	v.last[key] = e
}

// look asks once for the states of all tasks and reports whether all have ended.
func (v *watch) look(ctx context.Context) bool {
	q, err := ask(ctx)
	if err != nil && ctx.Err() != nil {
		return true
	}
	all := true
	for _, t := range v.Tasks {
		switch {
		case v.last[t.Key].State == Done || v.given[t.Key]:
		case v.Done(t.Key):
			v.tell(t.Key, Done, "")
		case v.behind(t):
			v.given[t.Key] = true
			v.tell(t.Key, Blocked, "")
		case q == nil: // the controller does not answer, and will again
			all = false
		default:
			all = v.slurmSays(t, q) && all
		}
	}
	return all
}

// ready reports whether all that the task needs is done.
func (v *watch) ready(t Task) bool {
	return !slices.ContainsFunc(t.Needs, func(need string) bool { return !v.Done(need) })
}

// behind reports whether a need of the task has failed.
func (v *watch) behind(t Task) bool {
	return slices.ContainsFunc(t.Needs, func(need string) bool { return v.given[need] })
}

// slurmSays takes Slurm's state of a task without a result, and reports whether it has ended.
func (v *watch) slurmSays(t Task, q *queue) bool {
	live, how := false, jobState{}
	if e, is := v.queued[t.Key]; is {
		live, how = q.find(e)
	}
	if live {
		delete(v.ended, t.Key)
		if how.state == "PENDING" || strings.HasPrefix(how.state, "REQUEUE") || how.state == "SPECIAL_EXIT" {
			v.tell(t.Key, Waiting, how.reason)
		} else {
			v.tell(t.Key, Running, "")
		}
		return false
	}
	// Its result may be on its way, or that of what it needs: looked at a second time, at least.
	first, seen := v.ended[t.Key]
	if !seen {
		v.ended[t.Key] = time.Now()
		return false
	}
	if how.reason == neverSatisfied || how.state == "" && !v.ready(t) { // it was never begun: nothing is wrong with the task itself
		v.given[t.Key] = true
		v.tell(t.Key, Blocked, "")
		return true
	}
	if how.state == "COMPLETED" && time.Since(first) < settle {
		return false
	}
	why := v.why(t.Key, how)
	v.failed[t.Key], v.given[t.Key] = why, true
	v.tell(t.Key, Failed, why)
	return true
}

// why is what is known of a task that ended without a result.
func (v *watch) why(key string, how jobState) string {
	state := strings.ToLower(strings.ReplaceAll(how.state, "_", " "))
	switch how.state {
	case "COMPLETED":
		return "Slurm calls it completed, but its result is not here: is the folder of the runs on a file system that all nodes share?"
	case "":
		state = "ended"
	}
	e, is := v.queued[key]
	if !is {
		return "its result was there, and is not"
	}
	log, _ := filetype.ReadFile(filepath.Join(v.folder(e.array), fmt.Sprintf("%d.log", e.index)))
	last := ""
	for line := range strings.Lines(string(log)) {
		if text, is := strings.CutPrefix(line, "vsim: "); is {
			last = ": " + strings.TrimSpace(text)
		}
	}
	return "Slurm: " + state + last
}

// freed reports whether a task was given up that can run after all: a job may end as failed for Slurm and its task be done, where
// Slurm lost sight of it.
func (v *watch) freed() bool {
	for _, t := range v.Tasks {
		if v.given[t.Key] && v.Done(t.Key) {
			delete(v.given, t.Key)
			delete(v.failed, t.Key)
			v.tell(t.Key, Done, "")
		}
	}
	again := false
	for _, t := range v.Tasks {
		if _, itself := v.failed[t.Key]; v.given[t.Key] && !itself && !v.behind(t) {
			delete(v.given, t.Key)
			delete(v.ended, t.Key)
			again = true
		}
	}
	return again
}
