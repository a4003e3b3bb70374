// SPDX-License-Identifier: Apache-2.0

package work

import (
	"fmt"
	"sync"
	"time"

	"vsim/vsimlib/study"
	"vsim/vsimlib/study/task"
	"vsim/vsimlib/text"
)

// Meter turns events into how far a grid is and how long the rest takes. It may be used by several goroutines.
type Meter struct {
	grid *study.Grid

	mu    sync.Mutex
	share map[string]float64 // of every task, 1 where there is nothing left to do
	state map[string]State
	began map[string]start
	rate  map[task.Kind]*pace
	shown *task.Task // the task that was last heard of
	now   func() time.Time
}

// start is when a task was first heard of, and how much of it was done by then.
type start struct {
	at    time.Time
	share float64
}

// pace is how long tasks of a kind took for their cost.
type pace struct{ seconds, cost float64 }

// NewMeter looks at what is done already.
func NewMeter(g *study.Grid) *Meter {
	m := &Meter{grid: g, share: map[string]float64{}, state: map[string]State{}, began: map[string]start{},
		rate: map[task.Kind]*pace{}, now: time.Now}
	for _, t := range g.Tasks {
		if !t.Done() {
			continue
		}
		m.share[t.Key], m.state[t.Key] = 1, Done
		if r, err := t.Result(); err == nil {
			m.learn(t, r.Seconds, 1)
		}
	}
	return m
}

func (m *Meter) learn(t *task.Task, seconds, share float64) {
	if t.Cost == 0 { // pretraining of no epoch says nothing of others
		return
	}
	p := m.rate[t.Kind]
	if p == nil {
		p = &pace{}
		m.rate[t.Kind] = p
	}
	p.seconds, p.cost = p.seconds+seconds, p.cost+share*t.Weight()
}

// Event takes note of what happened, and reports whether that is new.
func (m *Meter) Event(e Event) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := e.Task
	if m.state[t.Key] == Done && e.State == Done { // as it was before
		return false
	}
	switch began, ok := m.began[t.Key]; {
	// What comes before its first step is no part of its pace.
	case e.State == Running && (!ok || began.share == 0 && m.share[t.Key] == 0):
		m.began[t.Key] = start{m.now(), e.Share}
	case e.State == Done && ok:
		m.learn(t, m.now().Sub(began.at).Seconds(), 1-began.share)
	}
	m.state[t.Key], m.share[t.Key] = e.State, e.Share
	if e.State != Running {
		m.share[t.Key] = 1
	}
	m.shown = t
	return true
}

// Done reports whether a task is done.
func (m *Meter) Done(t *task.Task) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state[t.Key] == Done
}

// Standing is how far a grid is.
type Standing struct {
	Done, Failed, Tasks int
	Share               float64       // of the whole work, 0 to 1
	Left                time.Duration // 0 where it is not known yet
	At                  string        // what was last heard of, such as "pretrain of 10 epochs, seed 1"
}

// Standing returns how far the grid is; jobs is how many tasks run at a time.
func (m *Meter) Standing(jobs int) Standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Standing{Tasks: len(m.grid.Tasks)}
	paces := m.paces()
	var done, all, left float64
	for _, t := range m.grid.Tasks {
		seconds := seconds(paces, t)
		all, done, left = all+seconds, done+m.share[t.Key]*seconds, left+(1-m.share[t.Key])*seconds
		switch state, known := m.state[t.Key]; {
		case known && state == Done:
			s.Done++
		case known && (state == Failed || state == Blocked):
			s.Failed++
		}
	}
	if all > 0 {
		s.Share = done / all
	}
	delete(paces, task.Corpus)
	if len(paces) > 0 {
		s.Left = time.Duration(left / float64(max(1, jobs)) * float64(time.Second))
	}
	if m.shown != nil {
		s.At = fmt.Sprintf("%s of %s", m.shown.Kind, m.shown.Label)
	}
	return s
}

// paces are those of the tasks that are done, and where none of a kind is, of those that run.
func (m *Meter) paces() map[task.Kind]pace {
	paces := map[task.Kind]pace{}
	for _, t := range m.grid.Tasks {
		began, ok := m.began[t.Key]
		if gone := m.share[t.Key] - began.share; ok && m.state[t.Key] == Running && gone > 0 {
			paces[t.Kind] = pace{m.now().Sub(began.at).Seconds(), gone * t.Weight()}
		}
	}
	for kind, p := range m.rate {
		if p.cost > 0 {
			paces[kind] = *p
		}
	}
	return paces
}

// seconds is about how long a task takes: by the pace of its kind, or of all kinds, or where there is none by its cost alone.
func seconds(paces map[task.Kind]pace, t *task.Task) float64 {
	p, ok := paces[t.Kind]
	if !ok {
		for kind, other := range paces {
			if kind != task.Corpus { // says nothing of training
				p.seconds, p.cost = p.seconds+other.seconds, p.cost+other.cost
			}
		}
	}
	if p.cost > 0 {
		return t.Weight() * p.seconds / p.cost
	}
	return t.Weight() / 1000
}

// Text is the standing in one line.
func (s Standing) Text() string {
	line := fmt.Sprintf("%d of %d tasks", s.Done, s.Tasks)
	if s.Failed > 0 {
		line += fmt.Sprintf(", %d failed", s.Failed)
	}
	return line
}

// Line is the standing as a line of progress of the work: the share of it, the time left where it is known, the tasks, and the one
// that reported last.
func (s Standing) Line(work string) text.Progress {
	return text.Progress{Work: work, Done: int(1000 * s.Share), Total: 1000, Count: fmt.Sprintf("%.0f%%", 100*s.Share), Left: s.Left,
		More: []string{s.Text(), s.At}}
}
