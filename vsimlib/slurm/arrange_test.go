// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// submitted gives arrays job ids from 1, and returns "KIND INDICES DEPENDENCY" a line.
func submitted(arrays []*array) (lines []string) {
	for i, a := range arrays {
		a.Job = fmt.Sprint(i + 1)
		lines = append(lines, strings.TrimSpace(a.Kind+" "+a.indices()+" "+a.dependency()))
	}
	return lines
}

func TestArrange(t *testing.T) {
	chain := func(n int, shared string, kinds ...string) (tasks []Task) {
		for i := range n {
			last := shared
			for _, kind := range kinds {
				key := fmt.Sprintf("%s%d", kind, i)
				tasks = append(tasks, Task{key, kind, []string{last}})
				last = key
			}
		}
		return tasks
	}
	old := &array{Kind: "pretrain", Job: "77"}
	for _, c := range []struct {
		name   string
		tasks  []Task
		queued map[string]element
		want   []string
	}{
		{"nothing", nil, nil, nil},
		{"chains of done needs", chain(3, "done", "p", "f", "e"), nil, []string{"p 0-2", "f 0-2 aftercorr:1", "e 0-2 aftercorr:2"}},
		{"a corpus that all need", append([]Task{{"c", "corpus", nil}}, chain(3, "c", "p", "f")...), nil,
			[]string{"corpus 0", "p 0-2 afterok:1_0", "f 0-2 aftercorr:2"}},
		{"need of a need", []Task{{"c", "c", nil}, {"p", "p", []string{"c"}}, {"f", "f", []string{"c", "p"}}}, nil,
			[]string{"c 0", "p 0 afterok:1_0", "f 0 afterok:2_0"}},
		{"two finetunings of each pretraining", []Task{{"p0", "p", nil}, {"p1", "p", nil}, {"p2", "p", nil},
			{"a0", "f", []string{"p0"}}, {"a1", "f", []string{"p1"}}, {"a2", "f", []string{"p2"}},
			{"b0", "f", []string{"p0"}}, {"b1", "f", []string{"p1"}}, {"b2", "f", []string{"p2"}}}, nil,
			[]string{"p 0-2", "f 0-2 aftercorr:1", "f 0-2 aftercorr:1"}},
		{"four finetunings of two pretrainings", []Task{{"p0", "p", nil}, {"p1", "p", nil},
			{"a0", "f", []string{"p0"}}, {"b0", "f", []string{"p0"}}, {"c0", "f", []string{"p0"}}, {"a1", "f", []string{"p1"}}}, nil,
			[]string{"p 0-1", "f 0-2 afterok:1_0", "f 0 afterok:1_1"}},
		{"an ensemble of three, and one of two",
			append(chain(3, "done", "f", "e"), Task{"all", "ensemble", []string{"e0", "e1", "e2"}},
				Task{"two", "ensemble", []string{"e0", "e2"}}),
			nil, []string{"f 0-2", "e 0-2 aftercorr:1", "ensemble 0 afterok:2_0:2_1:2_2", "ensemble 0 afterok:2_0:2_2"}},
		{"one pretraining is in the queue, and one is done",
			[]Task{{"p2", "p", nil}, {"f0", "f", []string{"p0"}}, {"f1", "f", []string{"p1"}}, {"f2", "f", []string{"p2"}}},
			map[string]element{"p0": {old, 5}}, []string{"p 0", "f 0", "f 0 afterok:1_0", "f 0 afterok:77_5"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := submitted(arrange(c.tasks, c.queued, arraySize))
			slices.Sort(got[min(1, len(got)):])
			slices.Sort(c.want[min(1, len(c.want)):])
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestArrangeWaitsForNeedsAlone: in graphs drawn at random, each task is in one array, arrays come after those they depend on, and
// a task waits, directly or through others, for what it needs, directly or through others, and for nothing else.
func TestArrangeWaitsForNeedsAlone(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		var tasks []Task
		needs := map[string]map[string]bool{} // all of them
		for i := range 1 + r.IntN(40) {
			task := Task{Key: fmt.Sprint(i), Kind: string(rune('a' + r.IntN(3)))}
			needs[task.Key] = map[string]bool{}
			for j := range i {
				if r.IntN(i+2) < 2 {
					task.Needs = append(task.Needs, tasks[j].Key)
					needs[task.Key][tasks[j].Key] = true
					maps.Copy(needs[task.Key], needs[tasks[j].Key])
				}
			}
			tasks = append(tasks, task)
		}
		waits := map[string]map[string]bool{}
		at := map[*array]map[int]string{}
		for n, a := range arrange(tasks, nil, arraySize) {
			at[a] = map[int]string{}
			a.Job = fmt.Sprint(n)
			for key, i := range a.Index {
				if at[a][i] != "" || waits[key] != nil {
					t.Fatalf("seed %d: task %s is a duplicate, or is with another", seed, key)
				}
				at[a][i], waits[key] = key, map[string]bool{}
				for _, other := range a.corr {
					a.ok = append(a.ok, element{other, i})
				}
				for _, e := range a.ok {
					need := at[e.array][e.index]
					if need == "" {
						t.Fatalf("seed %d: task %s waits for element %s of no task", seed, key, e.elementID())
					}
					waits[key][need] = true
					maps.Copy(waits[key], waits[need])
				}
				a.ok = a.ok[:len(a.ok)-len(a.corr)]
			}
		}
		if len(waits) != len(tasks) {
			t.Fatalf("seed %d: %d tasks of %d", seed, len(waits), len(tasks))
		}
		for key := range needs {
			if !maps.Equal(needs[key], waits[key]) {
				t.Fatalf("seed %d: task %s needs %v and waits for %v", seed, key, needs[key], waits[key])
			}
		}
	}
}

func TestArrangeLong(t *testing.T) {
	var tasks []Task
	for i := range 2*arraySize + 1 {
		tasks = append(tasks, Task{fmt.Sprint("p", i), "p", nil})
	}
	for i := range 2*arraySize + 1 {
		tasks = append(tasks, Task{fmt.Sprint("f", i), "f", []string{fmt.Sprint("p", i)}})
	}
	want := []string{"p 0-999", "p 0-999", "p 0", "f 0-999 aftercorr:1", "f 0-999 aftercorr:2", "f 0 aftercorr:3"}
	if got := submitted(arrange(tasks, nil, arraySize)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
