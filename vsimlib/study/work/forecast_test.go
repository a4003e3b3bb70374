// SPDX-License-Identifier: Apache-2.0

package work

import (
	"math"
	"strings"
	"testing"
	"time"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/study/studytest"
	"vsim/vsimlib/study/task"
)

// TestExpected: a task takes as long as the median of those of its size, in proportion; without any, as its backend usually does.
func TestExpected(t *testing.T) {
	past := []task.Result{{Seconds: 100, Work: 10}, {Seconds: 20, Work: 10}, {Seconds: 30, Work: 11}, {Seconds: 4000, Work: 1000}}
	for _, c := range []struct {
		kind          task.Kind
		backend       string
		work, seconds float64
		past          []task.Result
		known         bool
	}{
		{task.Pretrain, backends.CPU, 10, 4 + 26*10./11, past, true},
		{task.Pretrain, backends.CPU, 20, 4 + 26*20./11, past, true},
		{task.Pretrain, backends.CPU, 900, 4 + 3996*.9, past, true},
		{task.Pretrain, backends.CPU, 100, 9, nil, false},
		{task.Pretrain, backends.Go, 100, 54, nil, false},
		{task.Pretrain, backends.CUDA, 8000, 8, nil, false},
		{task.Finetune, "any", 0, 4.00005, nil, false},
		{task.Ensemble, backends.CPU, 400, 3, nil, false},
	} {
		if s, known := expected(c.kind, c.backend, c.work, c.past); known != c.known || math.Abs(s-c.seconds) > 1e-9 {
			t.Errorf("%s of %g on %s: %g s, %t, want %g", c.kind, c.work, c.backend, s, known, c.seconds)
		}
	}
}

// TestForecast: what was done before is known to a new grid of the folder, and what is done takes no time.
func TestForecast(t *testing.T) {
	studytest.OnGo(t)
	corpus, runs := studytest.SmallCorpus(t), t.TempDir()
	g := plan(t, small(t, "labels", corpus, runs))
	f := NewMeter(g).Forecast(2)
	if f.Done != 0 || f.Tasks != len(g.Tasks) || !f.Guess || f.Left <= 0 || !strings.Contains(f.Text(), " tasks, 0 done, ") ||
		!strings.HasSuffix(f.Text(), "(a guess: few such tasks were done here before)") {
		t.Errorf("before: %+v, %s", f, f.Text())
	}
	finish(t, corpus, runs)
	if f := NewMeter(g).Forecast(2); f.Done != f.Tasks || f.Left != 0 || f.Guess || !strings.HasSuffix(f.Text(), " done") {
		t.Errorf("after: %+v, %s", f, f.Text())
	}
	other := plan(t, small(t, "epochs", corpus, runs))
	f = NewMeter(other).Forecast(2)
	if f.Guess || f.Left <= 0 || f.Left > time.Minute || f.Minutes() != math.Round(f.Left.Minutes()*10)/10 {
		t.Errorf("another study: %+v", f)
	}
}
