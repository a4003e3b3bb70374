// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"strings"
	"testing"
)

// FuzzQueue: whatever squeue prints, an element's state is found or not, and job ids are those of lines of five fields.
func FuzzQueue(f *testing.F) {
	for _, s := range []string{"", "12|0|RUNNING|None|vsim-a\n12|1|PENDING|Dependency|vsim-a", "12|0|FAILED", "|||||", "a|b|c|d|e|f\n",
		"7|N/A|PENDING|DependencyNeverSatisfied|x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, out string) {
		q := parseQueue(out)
		if len(q.elements) > strings.Count(out, "\n")+1 {
			t.Errorf("%d elements in %q", len(q.elements), out)
		}
		live, how := q.find(element{&array{Job: "12"}, 0})
		if live && (how.state == "FAILED" || how.reason == neverSatisfied) {
			t.Errorf("%+v is live", how)
		}
	})
}

// FuzzAnswer: a job's id has digits only, a refusal is one line, and an array's limit is never above vsim's own.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"", "12", "12;cluster\n", "Welcome!\n 12 \nBye", "sbatch: error: no\nsbatch: fatal: never",
		"MaxArraySize = 1001",
		"MaxArraySize=99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, out string) {
		if id := jobID(out); strings.Trim(id, "0123456789") != "" {
			t.Errorf("job id %q in %q", id, out)
		}
		if why := refusal("sbatch", strings.Split(out, "\n")); strings.Contains(why, "\n") {
			t.Errorf("refusal %q", why)
		}
		if n := arrayLimit(out); n < 0 || n > arraySize {
			t.Errorf("limit %d", n)
		}
		if a, ok := parseArray([]byte(out), "x"); ok && a.ID != "x" {
			t.Errorf("array %+v", a)
		}
	})
}
