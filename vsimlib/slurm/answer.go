// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"regexp"
	"strconv"
	"strings"
)

// jobLine is sbatch's answer with --parsable: the job, and in a federation the cluster.
var jobLine = regexp.MustCompile(`^(\d+)(;\S+)?$`)

// jobID finds the job's id in what sbatch printed, "" where there is none. Sites wrap sbatch and print banners and accounts around
// the answer, so the last line that has its form counts.
func jobID(out string) string {
	id := ""
	for line := range strings.Lines(out) {
		if found := jobLine.FindStringSubmatch(strings.TrimSpace(line)); found != nil {
			id = found[1]
		}
	}
	return id
}

// refusal is why a command of Slurm failed, on one line: of what it printed on stderr all errors, since the first often has the
// reason ("QOSMaxSubmitJobPerUserLimit") and the last its kind ("Job violates accounting/QOS policy"); "" where it printed nothing.
func refusal(name string, lines []string) string {
	var errors []string
	for _, line := range lines {
		text := strings.TrimPrefix(line, name+": ")
		if reason, is := strings.CutPrefix(text, "error: "); is {
			errors = append(errors, reason)
		} else if reason, is := strings.CutPrefix(text, "fatal: "); is {
			errors = append(errors, reason)
		}
	}
	if len(errors) == 0 && len(lines) > 0 {
		return lines[len(lines)-1]
	}
	const most = 3
	return strings.Join(errors[max(0, len(errors)-most):], "; ")
}

// maxArraySize is a line of `scontrol show config`: indices are below this number.
var maxArraySize = regexp.MustCompile(`(?m)^\s*MaxArraySize\s*=\s*(\d+)`)

// arrayLimit is the largest number of elements of an array that the cluster takes, by what `scontrol show config` printed;
// arraySize where it says nothing or more.
func arrayLimit(config string) int {
	found := maxArraySize.FindStringSubmatch(config)
	if found == nil {
		return arraySize
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		return arraySize
	}
	return min(n, arraySize)
}
