// SPDX-License-Identifier: Apache-2.0

package study

import (
	"context"
	"fmt"
	"slices"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/ensemble"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/results"
)

// EnsembleWork joins the models of several tasks of kind Embed in all ways.
type EnsembleWork struct {
	Members []int   // their numbers among the write-up's six
	Test    []*Task // a member's embeddings of the videos that are scored
	Held    []*Task // its embeddings of pairwise, on whose held-out pairs weights are fitted
	Dims    []int   // of the joined embeddings, falling
}

// ensemble scores every subset of the members.
func (w *Worker) ensemble(ctx context.Context, t *Task) (result, error) {
	e := t.Ensemble
	test, err := readMembers(e.Test)
	if err != nil {
		return result{}, err
	}
	held, err := readMembers(e.Held)
	if err != nil {
		return result{}, err
	}
	var r result
	all := subsets(len(e.Test))
	for i, members := range all {
		if err := ctx.Err(); err != nil {
			return result{}, err
		}
		s := results.EnsembleScores{Members: named(e.Members, members)}
		if s.Concat, err = rank.Spearman(mix(test.of(members), nil), test.labels); err != nil {
			return result{}, fmt.Errorf("study: ensemble of %v: %w", s.Members, err)
		}
		joined, err := test.svd(members, e.Dims)
		if err != nil {
			return result{}, err
		}
		for _, cosines := range joined {
			rho, err := rank.Spearman(cosines, test.labels)
			if err != nil {
				return result{}, fmt.Errorf("study: ensemble of %v: %w", s.Members, err)
			}
			s.SVD = append(s.SVD, rho)
		}
		if e.Test[0] != e.Held[0] { // weights are not scored on what they were fitted on
			s.Weights = fit(held.of(members), held.labels)
			rho, err := rank.Spearman(mix(test.of(members), s.Weights), test.labels)
			if err != nil {
				return result{}, fmt.Errorf("study: ensemble of %v: %w", s.Members, err)
			}
			s.Fitted = &rho
		}
		r.Ensemble = append(r.Ensemble, s)
		w.tell(t, float64(i+1)/float64(len(all)))
	}
	return r, nil
}

// subsets are those of n members, by size and then by the members, each a list of places from 0.
func subsets(n int) [][]int {
	var all [][]int
	for bit := uint(1); bit < 1<<n; bit++ {
		var members []int
		for m := range n {
			if bit>>m&1 == 1 {
				members = append(members, m)
			}
		}
		all = append(all, members)
	}
	slices.SortFunc(all, func(a, b []int) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return slices.Compare(a, b)
	})
	return all
}

// named are the members at places.
func named(members, places []int) []int {
	list := make([]int, len(places))
	for i, p := range places {
		list[i] = members[p]
	}
	return list
}

// members are models' embeddings of the same videos, and what their pairs are worth.
type members struct {
	sets    []*embeddings.Set
	pairs   []corpus.Pair
	cosines [][]float64 // of each model, by pair
	labels  []float64
}

func readMembers(tasks []*Task) (*members, error) {
	m := &members{}
	var err error
	if m.pairs, err = tasks[0].Embed.pairs(); err != nil {
		return nil, err
	}
	for _, p := range m.pairs {
		m.labels = append(m.labels, p.Score)
	}
	for _, t := range tasks {
		set, err := t.embeddings()
		if err != nil {
			return nil, err
		}
		cosines, err := evaluate.Cosines(set, m.pairs)
		if err != nil {
			return nil, err
		}
		m.sets, m.cosines = append(m.sets, set), append(m.cosines, cosines)
	}
	return m, nil
}

// of are the cosines of some of the members.
func (m *members) of(places []int) [][]float64 {
	list := make([][]float64, len(places))
	for i, p := range places {
		list[i] = m.cosines[p]
	}
	return list
}

// svd are the pairs' cosines of the joined embeddings of some members, at each width. The columns stand in falling order of what they
// explain, so the first ones are the joined embedding of less width.
func (m *members) svd(places, dims []int) ([][]float64, error) {
	var sets []*embeddings.Set
	for _, p := range places {
		sets = append(sets, m.sets[p])
	}
	joined, _, err := ensemble.Combine(sets, nil, dims[0])
	if err != nil {
		return nil, err
	}
	out := make([][]float64, len(dims))
	for i, dim := range dims {
		if out[i], err = evaluate.Cosines(narrow(joined, dim), m.pairs); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// narrow keeps the first columns.
func narrow(s *embeddings.Set, dim int) *embeddings.Set {
	if dim >= s.Dim {
		return s
	}
	n := &embeddings.Set{IDs: s.IDs, Dim: dim, Data: make([]float32, 0, len(s.IDs)*dim)}
	for i := range s.IDs {
		n.Data = append(n.Data, s.Row(i)[:dim]...)
	}
	return n
}

// mix are the cosines of the weighted concatenation (E9), which are the weighted mean of the models'; none of weights: equal ones.
func mix(cosines [][]float64, weights []float64) []float64 {
	out := make([]float64, len(cosines[0]))
	for m, c := range cosines {
		w := 1 / float64(len(cosines))
		if weights != nil {
			w = weights[m]
		}
		for i, v := range c {
			out[i] += w * v
		}
	}
	return out
}

// fitSteps are the values that fit tries for a weight, beside 1 of the others at the start.
var fitSteps = []float64{0, .25, .5, .75, 1, 1.5, 2, 3, 4}

// fit are the weights under which the concatenation has the highest Spearman that it finds: from equal ones, one weight after the other
// takes the best of fitSteps, until a round changes none. Their sum is 1. The held-out pairs are few, so little can be fitted.
func fit(cosines [][]float64, labels []float64) []float64 {
	weights := slices.Repeat([]float64{1}, len(cosines))
	best, err := rank.Spearman(mix(cosines, weights), labels)
	for changed := err == nil && len(weights) > 1; changed; {
		changed = false
		for m := range weights {
			for _, step := range fitSteps {
				tried := slices.Clone(weights)
				tried[m] = step
				if rho, err := rank.Spearman(mix(cosines, tried), labels); err == nil && rho > best+1e-9 {
					best, weights, changed = rho, tried, true
				}
			}
		}
	}
	sum := 0.
	for _, w := range weights {
		sum += w
	}
	for m := range weights {
		weights[m] /= sum
	}
	return weights
}
