// SPDX-License-Identifier: Apache-2.0

package work

import (
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/task"
)

// TestMeter follows a grid by the clock: paces are learnt from what was done, and the rest is estimated from them.
func TestMeter(t *testing.T) {
	g := plan(t, small(t, "labels", studytest.SmallCorpus(t), t.TempDir(), "pretrain.epochs=10"))
	m := NewMeter(g)
	now := time.Unix(1000, 0)
	m.now = func() time.Time { return now }
	if s := m.Standing(1); s.Done != 0 || s.Tasks != len(g.Tasks) || s.Left != 0 || s.Share != 0 {
		t.Errorf("%+v before the start", s)
	}
	first, second := g.Tasks[0], g.Tasks[1]
	if first.Kind != task.Pretrain || second.Kind != task.Finetune {
		t.Fatalf("%s, %s", first.Kind, second.Kind)
	}
	m.Event(Event{Task: first, State: Running})
	now = now.Add(30 * time.Second) // it compiles, which is no part of the pace
	m.Event(Event{Task: first, State: Running, Share: .05})
	now = now.Add(8 * time.Second)
	m.Event(Event{Task: first, State: Running, Share: .25})
	// 40 s for the whole of one, of which 30 are left; by the same pace all else.
	others := 0.
	for _, planned := range g.Tasks[1:] {
		others += 40 * planned.Weight() / first.Weight()
	}
	near := func(what string, got time.Duration, want float64) {
		if d := got.Seconds() - want; d > .01 || d < -.01 {
			t.Errorf("%s: %v left, want %g s", what, got, want)
		}
	}
	near("one job", m.Standing(1).Left, 30+others)
	near("two jobs", m.Standing(2).Left, (30+others)/2)
	if s := m.Standing(1); !strings.Contains(s.At, "pretrain of rank-normalised, seed 1") || s.Done != 0 {
		t.Errorf("%+v", s)
	}
	now = now.Add(30 * time.Second)
	if !m.Event(Event{Task: first, State: Done, Share: 1}) || m.Event(Event{Task: first, State: Done, Share: 1}) {
		t.Error("a task comes to its end once")
	}
	near("after it", m.Standing(1).Left, others)
	m.Event(Event{Task: second, State: Failed})
	if s := m.Standing(1); s.Done != 1 || s.Failed != 1 || !strings.Contains(s.Text(), "1 failed") {
		t.Errorf("%+v", s)
	}
	for _, planned := range g.Tasks {
		m.Event(Event{Task: planned, State: Done, Share: 1})
	}
	if s := m.Standing(1); s.Share != 1 || s.Left != 0 {
		t.Errorf("%+v at the end", s)
	}
}
