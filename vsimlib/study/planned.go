// SPDX-License-Identifier: Apache-2.0

package study

import (
	"path/filepath"
	"slices"
	"strings"

	"vsim/vsimlib/study/task"
)

// Task returns the task of that key.
func (g *Grid) Task(key string) (*task.Task, bool) {
	t, ok := g.byKey[key]
	return t, ok
}

// Chain returns the tasks of a cell under a seed, by their indices.
func (g *Grid) Chain(cell, seed int) Chain { return g.chains[cell][seed] }

// Ensemble returns the task that joins all cells under a seed, by its index; nil where the study has no ensembles.
func (g *Grid) Ensemble(seed int) *task.Task {
	if len(g.Dims) == 0 {
		return nil
	}
	return g.ensembles[seed]
}

// Work is about how many billions of floating-point operations a task takes that trains or embeds, and of other tasks their cost:
// tasks of one kind compare by it, also those of different studies.
func (g *Grid) Work(t *task.Task) float64 {
	if t.Kind == task.Corpus || t.Kind == task.Join || t.Kind == task.Ensemble {
		return t.Cost
	}
	return 3 * t.Cost * perVideo(g.Base.Model) / 1e9 // forward, and twice that backward
}

// Needed are the tasks that t needs.
func (g *Grid) Needed(t *task.Task) []*task.Task {
	list := make([]*task.Task, len(t.Needs))
	for i, key := range t.Needs {
		list[i] = g.byKey[key]
	}
	return list
}

// Behind are some tasks and all that they need, directly or through others, each once.
func (g *Grid) Behind(tasks ...*task.Task) []*task.Task {
	var list []*task.Task
	for todo := slices.Clone(tasks); len(todo) > 0; todo = todo[1:] {
		if t := todo[0]; !slices.Contains(list, t) {
			list, todo = append(list, t), append(todo, g.Needed(t)...)
		}
	}
	return list
}

// Done reports whether all tasks of the grid are done.
func (g *Grid) Done() bool {
	return !slices.ContainsFunc(g.Tasks, func(t *task.Task) bool { return !t.Done() })
}

// Blocked is the first task that t cannot do without and that has failed, t among them; nil where there is none.
func (g *Grid) Blocked(t *task.Task) *task.Task {
	for _, n := range g.Needed(t) {
		if b := g.Blocked(n); b != nil {
			return b
		}
	}
	if t.Failure() != "" {
		return t
	}
	return nil
}

// Clean is an error in one line without this machine's paths: it goes into the table.
func (g *Grid) Clean(message string) string {
	runs, err := filepath.Abs(g.runs)
	for _, dir := range []string{filepath.Join(g.corpusDir, "x"), filepath.Join(runs, "x"), filepath.Join(g.runs, "x")} {
		if dir = strings.TrimSuffix(dir, "x"); err == nil && dir != "" {
			message = strings.ReplaceAll(message, dir, "")
		}
	}
	return strings.Join(strings.Fields(message), " ")
}
