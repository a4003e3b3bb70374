// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"fmt"
	"slices"

	"vsim/vsimlib/provenance"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/task"
)

// computed lists the machines that computed what the table has, without times, and says what their runs mix.
func computed(g *study.Grid) (machines []results.Computed, mixed string) {
	var tests []*task.Task
	for k := range g.Cells {
		for i := range g.Seeds {
			if test := g.Chain(k, i).Test; test.Done() {
				tests = append(tests, test)
			}
		}
	}
	var all provenance.List
	for _, t := range g.Behind(tests...) { // what cells share is read once
		r, err := t.Result()
		if err != nil {
			continue // a training may be removed where its embeddings are not
		}
		all, mixed = append(all, r.Provenance...), cmp.Or(mixed, r.Provenance.Mixed())
	}
	for _, p := range all {
		i := slices.IndexFunc(machines, func(m results.Computed) bool { return m.Machine == p.Machine })
		if i < 0 {
			i = len(machines)
			machines = append(machines, results.Computed{Machine: p.Machine})
		}
		machines[i].Arithmetic = append(machines[i].Arithmetic, p.Arithmetic)
	}
	for i, m := range machines {
		slices.Sort(m.Arithmetic)
		machines[i].Arithmetic = slices.Compact(m.Arithmetic)
	}
	slices.SortFunc(machines, func(a, b results.Computed) int { return cmp.Compare(fmt.Sprint(a.Machine), fmt.Sprint(b.Machine)) })
	return machines, cmp.Or(mixed, all.MixedBackends())
}
