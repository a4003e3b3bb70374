// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"vsim/vsimlib/proc"
)

// jobState is what squeue says of an element of an array.
type jobState struct{ state, reason string }

// queue is what squeue says: the user's jobs, those that ended some minutes ago among them.
type queue struct {
	elements map[string]jobState // by "JOB_INDEX"
	jobs     map[string]string   // job id by comment
}

// ask asks squeue. One call an interval is all that the controller hears of a study.
func ask(ctx context.Context) (*queue, error) {
	out, err := tool(ctx, "squeue", "--noheader", "--array", fmt.Sprintf("--user=%d", os.Getuid()), "--states=all",
		"--format=%F|%K|%T|%r|%k")
	if err != nil {
		return nil, err
	}
	return parseQueue(out), nil
}

func parseQueue(out string) *queue {
	q := &queue{map[string]jobState{}, map[string]string{}}
	for line := range strings.Lines(out) {
		f := strings.SplitN(strings.TrimSpace(line), "|", 5)
		if len(f) < 5 {
			continue
		}
		q.elements[f[0]+"_"+f[1]] = jobState{f[2], f[3]}
		q.jobs[f[4]] = f[0]
	}
	return q
}

// over are the states that a job does not leave.
var over = []string{"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY",
	"PREEMPTED", "REVOKED"}

// neverSatisfied is the reason of a job behind one that failed.
const neverSatisfied = "DependencyNeverSatisfied"

// find returns the state of an element: live while it waits or runs, and else how it ended; "" where Slurm knows it no more.
func (q *queue) find(e element) (live bool, how jobState) {
	how, is := q.elements[e.elementID()]
	return is && !slices.Contains(over, how.state) && how.reason != neverSatisfied, how
}

// tool runs one of Slurm's commands and returns what it printed.
func tool(ctx context.Context, name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not on the PATH: run this on a login node of a Slurm cluster, or without --on slurm", name)
	}
	var out bytes.Buffer
	var said proc.Tail
	cmd := proc.Command(ctx, path, args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &said, environment(os.Environ())
	if err := proc.Run(cmd); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("%s: %s", name, cmp.Or(refusal(name, said.Lines()), err.Error()))
	}
	return out.String(), nil
}
