// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"vsim/vsimlib/own"
	"vsim/vsimlib/slurm"
	"vsim/vsimlib/study"
)

// Slurm has a cluster do the work, each task an element of a job array (see package slurm); this process submits and waits. work
// says how to run one task by its key (Command), what a job asks for (Options), and how often to look (Poll); the rest is set
// here. All nodes must see the runs' directory, the corpus and the command under the same paths. warn receives why jobs wait that
// may do so for long.
func Slurm(work slurm.Work, warn func(string)) Executor {
	return func(ctx context.Context, g *study.Grid, report func(Event)) error {
		work.Name = "vsim-" + g.Name
		work.Dir = filepath.Join(g.Folder(), "slurm")
		work.Done = func(key string) bool {
			t, ok := g.Task(key)
			return ok && t.Done()
		}
		work.Tasks = nil
		for _, t := range g.Tasks {
			if t.Train != nil && own.Uses(t.Train.Recipe, t.Train.Set...) {
				return fmt.Errorf("study: %s of %s has a function of this process, which the nodes of a cluster do not have; run it here",
					t.Kind, t.Label)
			}
			work.Tasks = append(work.Tasks, slurm.Task{Key: t.Key, Kind: string(t.Kind), Needs: t.Needs})
			if err := t.ForgetFailure(); err != nil {
				return err
			}
		}
		var problem error
		warned := map[string]bool{}
		work.Tell = func(e slurm.Event) {
			t, _ := g.Task(e.Key)
			switch e.State {
			case slurm.Waiting:
				if warn != nil && !slices.Contains(usual, e.Why) && !warned[e.Why] {
					warned[e.Why] = true
					warn(fmt.Sprintf("slurm: %s of %s waits: %s", t.Kind, t.Label, e.Why))
				}
			case slurm.Running:
				report(Event{Task: t, State: Running})
			case slurm.Done:
				report(Event{Task: t, State: Done, Share: 1})
			case slurm.Failed:
				// What the task wrote itself says more than what Slurm knows.
				if t.Failure() == "" {
					problem = errors.Join(problem, t.Fail(g.Clean(e.Why)))
				}
				report(Event{Task: t, State: Failed, Err: errors.New(t.Failure())})
			case slurm.Blocked:
				report(Event{Task: t, State: Blocked})
			}
		}
		_, err := slurm.Run(ctx, work)
		if err != nil {
			return fmt.Errorf("study: %w", err)
		}
		return problem
	}
}

// usual are reasons for which jobs wait that need no mention.
var usual = []string{"", "None", "Priority", "Resources", "Dependency", "BeginTime", "Cleaning", "Prolog", "JobArrayTaskLimit"}
