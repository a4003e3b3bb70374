// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"fmt"
	"slices"
	"strings"
)

// Task is one node of the graph.
type Task struct {
	Key   string
	Kind  string   // tasks of one kind share arrays
	Needs []string // keys of tasks that come before it in the list
}

// arraySize bounds an array where the cluster allows more: Slurm's MaxArraySize is 1001 unless the cluster sets it.
const arraySize = 1000

// array is one job array.
type array struct {
	ID    string         `json:"id"`
	Kind  string         `json:"kind"`
	Job   string         `json:"job"` // "" until sbatch has answered
	Index map[string]int `json:"index"`

	corr []*array  // the element of the same index of each of these must be done before one of its own begins
	ok   []element // all of these must be done before any of its own begins
}

// element is one task of an array.
type element struct {
	*array
	index int
}

// elementID is Slurm's name of the element.
func (e element) elementID() string { return fmt.Sprintf("%s_%d", e.Job, e.index) }

// keys are those of the array by index.
func (a *array) keys() []string {
	var list []string
	for key := range a.Index {
		list = append(list, key)
	}
	slices.SortFunc(list, func(x, y string) int { return a.Index[x] - a.Index[y] })
	return list
}

// indices is the array's as sbatch takes them: "0-2,5".
func (a *array) indices() string {
	var parts []string
	keys := a.keys()
	for i := 0; i < len(keys); {
		from, to := a.Index[keys[i]], a.Index[keys[i]]
		for i++; i < len(keys) && a.Index[keys[i]] == to+1; i++ {
			to++
		}
		if from == to {
			parts = append(parts, fmt.Sprint(from))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", from, to))
		}
	}
	return strings.Join(parts, ",")
}

// dependency is what sbatch takes; "" where there is none. The arrays that it speaks of have been submitted.
func (a *array) dependency() string {
	var parts []string
	for _, other := range a.corr {
		parts = append(parts, "aftercorr:"+other.Job)
	}
	if len(a.ok) > 0 {
		text := "afterok"
		for _, e := range a.ok {
			text += ":" + e.elementID()
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ",")
}

// arrange puts tasks into arrays, in the order in which they can be submitted. A need that is neither among the tasks nor in
// queued is done. Every task waits for its own needs and no others, so one that fails takes only its own dependents along. As all
// elements of an array share one dependency, that takes one of two forms, whichever makes fewer arrays of the tasks of a kind:
// tasks of the same needs in one array (afterok on those elements), or each task at the index of the one that it needs (aftercorr
// on that one's array).
//
// No array has more than size tasks.
func arrange(tasks []Task, queued map[string]element, size int) []*array {
	tasks = reduce(tasks)
	places := map[string]element{}
	for key, e := range queued {
		places[key] = e
	}
	var all []*array
	for _, group := range levels(tasks, queued) {
		byNeeds, aligned := shareNeeds(group, places, size), align(group, places)
		if aligned == nil || len(byNeeds) <= len(aligned) {
			aligned = byNeeds
		}
		for _, a := range aligned {
			for key, i := range a.Index {
				places[key] = element{a, i}
			}
		}
		all = append(all, aligned...)
	}
	return all
}

// reduce drops the needs that another need has already, directly or not.
func reduce(tasks []Task) []Task {
	before := map[string]map[string]bool{} // of each key, all that must be done before it
	var list []Task
	for _, t := range tasks {
		own := map[string]bool{}
		for _, need := range t.Needs {
			for key := range before[need] {
				own[key] = true
			}
		}
		needs := slices.DeleteFunc(slices.Clone(t.Needs), func(need string) bool { return own[need] })
		for _, need := range needs {
			own[need] = true
		}
		before[t.Key] = own
		list = append(list, Task{t.Key, t.Kind, needs})
	}
	return list
}

// levels groups tasks by kind and by the length of the chain of tasks above them; those in the queue count as one.
func levels(tasks []Task, queued map[string]element) [][]Task {
	depth := map[string]int{}
	type group struct {
		depth int
		kind  string
	}
	var order []group
	members := map[group][]Task{}
	for _, t := range tasks {
		d := 0
		for _, need := range t.Needs {
			if above, is := depth[need]; is {
				d = max(d, above+1)
			} else if _, is := queued[need]; is {
				d = max(d, 1)
			}
		}
		depth[t.Key] = d
		g := group{d, t.Kind}
		if members[g] == nil {
			order = append(order, g)
		}
		members[g] = append(members[g], t)
	}
	slices.SortStableFunc(order, func(a, b group) int { return a.depth - b.depth })
	var list [][]Task
	for _, g := range order {
		list = append(list, members[g])
	}
	return list
}

// waitsFor are the places of the task's needs that are not done.
func waitsFor(t Task, places map[string]element) []element {
	var list []element
	for _, need := range t.Needs {
		if e, is := places[need]; is {
			list = append(list, e)
		}
	}
	return list
}

// shareNeeds makes arrays of at most size tasks that wait for the same elements.
func shareNeeds(group []Task, places map[string]element, size int) []*array {
	var all []*array
	open := map[string]*array{}
	for _, t := range group {
		needs := waitsFor(t, places)
		signature := fmt.Sprint(needs) // the arrays' addresses and the indices
		a := open[signature]
		if a == nil || len(a.Index) == size {
			a = &array{Kind: t.Kind, Index: map[string]int{}, ok: needs}
			open[signature] = a
			all = append(all, a)
		}
		a.Index[t.Key] = len(a.Index)
	}
	return all
}

// align makes arrays in which each task has the index of those that it waits for. It returns nil where one waits for nothing or
// for elements of different indices.
func align(group []Task, places map[string]element) []*array {
	var all []*array
	type seat struct {
		signature string
		index     int
	}
	taken := map[seat]int{}       // how many arrays of the signature have a task at the index
	same := map[string][]*array{} // arrays by signature
	for _, t := range group {
		needs := waitsFor(t, places)
		if len(needs) == 0 {
			return nil
		}
		var corr []*array
		for _, e := range needs {
			if e.index != needs[0].index || slices.Contains(corr, e.array) {
				return nil
			}
			corr = append(corr, e.array)
		}
		signature := fmt.Sprint(corr)
		s := seat{signature, needs[0].index}
		if taken[s] == len(same[signature]) {
			a := &array{Kind: t.Kind, Index: map[string]int{}, corr: corr}
			same[signature] = append(same[signature], a)
			all = append(all, a)
		}
		same[signature][taken[s]].Index[t.Key] = s.index
		taken[s]++
	}
	return all
}
