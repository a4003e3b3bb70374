// SPDX-License-Identifier: Apache-2.0

package work

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vsim/vsimlib/backends"
	"vsim/vsimlib/jsonfile"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/task"
	"vsim/vsimlib/text"
)

// Forecast is what a grid takes before any of it is begun.
type Forecast struct {
	Tasks, Done int
	Left        time.Duration // of the tasks that are not done
	Guess       bool          // nothing of the kind was done here before, to know the time by
}

// Forecast says what is done and about how long the rest takes with jobs tasks at a time: as long as the nearest in size of the
// tasks of a kind that were done in this folder by this backend, in proportion.
func (m *Meter) Forecast(jobs int) Forecast {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := Forecast{Tasks: len(m.grid.Tasks)}
	history := map[task.Kind][]task.Result{}
	seconds := 0.
	for _, t := range m.grid.Tasks {
		if m.state[t.Key] == Done {
			f.Done++
			continue
		}
		past, read := history[t.Kind]
		if !read {
			past = finished(m.grid, t.Kind)
			history[t.Kind] = past
		}
		s, known := expected(t.Kind, m.grid.Backend, m.grid.Work(t), past)
		seconds += s
		f.Guess = f.Guess || !known && t.Kind != task.Corpus
	}
	f.Left = time.Duration(seconds / float64(max(1, jobs)) * float64(time.Second))
	return f
}

// mostRead is how many results of a kind are looked at.
const mostRead = 200

// finished are the results of a kind in the grid's folder, by its backend.
func finished(g *study.Grid, kind task.Kind) (list []task.Result) {
	files, _ := filepath.Glob(filepath.Join(g.Folder(), string(kind)+"-*", "result.json")) // the pattern is good
	for _, file := range files[max(0, len(files)-mostRead):] {
		var r task.Result
		var of struct {
			Backend string `json:"backend"`
		}
		if jsonfile.Read(file, &r) != nil || r.Work <= 0 || r.Seconds <= 0 {
			continue
		}
		err := jsonfile.Read(filepath.Join(filepath.Dir(file), "task.json"), &of)
		if err == nil && (of.Backend == g.Backend || of.Backend == "") || os.IsNotExist(err) {
			list = append(list, r)
		}
	}
	return list
}

// compiling is for how many seconds a task is taken to compile.
const compiling = 4.

// usualRate is how many billions of operations a second a backend is taken to compute where no task of the kind was done, otherRate
// that of others: two cores under XLA.
var usualRate = map[string]float64{backends.CUDA: 2000, backends.Go: 2}

const otherRate = 20.

// expected is about how many seconds a task of some work takes, and whether others of its kind say so.
func expected(kind task.Kind, backend string, work float64, past []task.Result) (float64, bool) {
	if work <= 0 {
		work = 1e-3
	}
	if len(past) > 0 {
		r := typical(past, work)
		fixed := min(compiling, r.Seconds/2) // does not grow with the work
		return fixed + (r.Seconds-fixed)*work/r.Work, true
	}
	switch kind {
	case task.Corpus:
		return 1 + work/100, false
	case task.Join, task.Ensemble:
		return 1 + work/200, false
	}
	rate, ok := usualRate[backend]
	if !ok {
		rate = otherRate
	}
	return compiling + work/rate, false
}

// alike is how far the logarithms of the work of two tasks are apart at most that are of one size.
const alike = 0.2

// typical is the result with the median time of those nearest in size to some work: others compiled, or shared the machine.
func typical(past []task.Result, work float64) task.Result {
	apart := func(r task.Result) float64 { return math.Abs(math.Log(r.Work / work)) }
	nearest := math.Inf(1)
	for _, r := range past {
		nearest = min(nearest, apart(r))
	}
	like := slices.DeleteFunc(slices.Clone(past), func(r task.Result) bool { return apart(r) > nearest+alike })
	slices.SortFunc(like, func(a, b task.Result) int { return cmp.Compare(a.Seconds, b.Seconds) })
	return like[len(like)/2]
}

// Minutes is the time that is left, in tenths.
func (f Forecast) Minutes() float64 { return math.Round(f.Left.Minutes()*10) / 10 }

// Text is the forecast in one line: "109 tasks, 12 done, about 14 minutes".
func (f Forecast) Text() string {
	line := fmt.Sprintf("%s, %d done", text.Count(f.Tasks, "task"), f.Done)
	if left := f.Time(); left != "" {
		line += ", " + left
	}
	return line
}

// Time is about how long the rest takes, in words; "" where everything is done.
func (f Forecast) Time() string {
	if f.Done == f.Tasks {
		return ""
	}
	words := "less than a minute"
	if minutes := math.Round(f.Left.Minutes()); minutes >= 1 {
		words = "about " + text.Count(int(minutes), "minute")
	}
	if f.Guess {
		words += " (a guess: few such tasks were done here before)"
	}
	return words
}
