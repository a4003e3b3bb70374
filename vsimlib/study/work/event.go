// SPDX-License-Identifier: Apache-2.0

package work

import (
	"context"

	"vsim/vsimlib/study"
	"vsim/vsimlib/study/task"
)

// Executor brings every task of a grid to its end: done, or failed with its failure in its directory, or behind one that failed.
// What it returns is why it could not: ctx ended (trainer.ErrStopped or the context's error), or there is no machine to work on.
type Executor func(ctx context.Context, g *study.Grid, report func(Event)) error

// Event is what happens to a task.
type Event struct {
	Task  *task.Task
	State State
	Share float64 // how much of it is done, of Running
	Err   error   // of Failed
}

// State is how far a task is.
type State int

// The states. A task that waits for a failed one is Blocked.
const (
	Running State = iota
	Done
	Failed
	Blocked
)
