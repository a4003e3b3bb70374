// SPDX-License-Identifier: Apache-2.0

package score

import (
	"slices"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/study/task"
)

// Subsets are those of n members, by size and then by the members, each a list of indices.
func Subsets(n int) [][]int {
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

// Pick returns the elements of a list at indices.
func Pick(members, indices []int) []int {
	list := make([]int, len(indices))
	for i, p := range indices {
		list[i] = members[p]
	}
	return list
}

// Members are models' embeddings of the same videos, and the cosines and labels of the pairs of these.
type Members struct {
	Cosines [][]float64 // of each model, by pair
	Labels  []float64   // by pair

	sets  []*embeddings.Set
	pairs []corpus.Pair
}

// ReadMembers reads the embeddings of tasks that are done, which are of one part of the corpus.
func ReadMembers(tasks []*task.Task) (*Members, error) {
	m := &Members{}
	var err error
	if m.pairs, err = Pairs(tasks[0].Embed); err != nil {
		return nil, err
	}
	m.Labels = schema.Scores(m.pairs)
	for _, t := range tasks {
		set, err := embeddings.Read(t.EmbeddingsFile())
		if err != nil {
			return nil, err
		}
		cosines, err := evaluate.Cosines(set, m.pairs)
		if err != nil {
			return nil, err
		}
		m.sets, m.Cosines = append(m.sets, set), append(m.Cosines, cosines)
	}
	return m, nil
}

// Of are the cosines of some of the members, by their indices.
func (m *Members) Of(indices []int) [][]float64 {
	list := make([][]float64, len(indices))
	for i, p := range indices {
		list[i] = m.Cosines[p]
	}
	return list
}

// Mix are the cosines of the weighted concatenation (E9), which are the weighted mean of the models'; none of weights: equal ones.
func Mix(cosines [][]float64, weights []float64) []float64 {
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

// fitSteps are the values that Fit tries for a weight. The weights of the others are 1 at the start.
var fitSteps = []float64{0, .25, .5, .75, 1, 1.5, 2, 3, 4}

// Fit are the weights under which the concatenation has the highest Spearman that it finds: from equal ones, one weight after the
// other takes the best of fitSteps, until a round changes none. Their sum is 1. The held-out pairs are few, so little can be
// fitted.
func Fit(cosines [][]float64, labels []float64) []float64 {
	weights := slices.Repeat([]float64{1}, len(cosines))
	side, err := rank.NewSide(labels)
	if err != nil {
		return toOne(weights)
	}
	best, err := side.Spearman(Mix(cosines, weights))
	for changed := err == nil && len(weights) > 1; changed; {
		changed = false
		for m := range weights {
			for _, step := range fitSteps {
				tried := slices.Clone(weights)
				tried[m] = step
				if rho, err := side.Spearman(Mix(cosines, tried)); err == nil && rho > best+1e-9 {
					best, weights, changed = rho, tried, true
				}
			}
		}
	}
	return toOne(weights)
}

// toOne divides the weights by their sum.
func toOne(weights []float64) []float64 {
	sum := 0.
	for _, w := range weights {
		sum += w
	}
	for m := range weights {
		weights[m] /= sum
	}
	return weights
}
