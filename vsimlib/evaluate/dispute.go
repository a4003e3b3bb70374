// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/results"
)

// Modalities are the cosines of the same pairs under three embeddings of their videos.
type Modalities struct {
	Both   []float64 // of the whole videos
	Title  []float64 // of the videos without their frames
	Frames []float64 // of the videos without their titles
}

// Dispute compares the ranks that titles alone and frames alone give each labelled pair, from 0, least similar, to 1. It shows
// the n pairs of each side that are farthest apart: A1, A2 … are similar by title, B1, B2 … by frames. A video is in one pair of a
// side at most, but may be in a pair of either.
func Dispute(pairs []corpus.Pair, m Modalities, n int) (results.Dispute, error) {
	d := results.Dispute{Pairs: len(pairs)}
	labels := make([]float64, len(pairs))
	for i, pair := range pairs {
		labels[i] = pair.Score
	}
	for _, by := range []struct {
		rho     *float64
		cosines []float64
	}{{&d.Both, m.Both}, {&d.Title, m.Title}, {&d.Frames, m.Frames}} {
		var err error
		if *by.rho, err = rank.Spearman(by.cosines, labels); err != nil {
			return d, fmt.Errorf("evaluate: %w", err)
		}
	}
	apart, err := rankDifference(m.Title, m.Frames)
	if err != nil {
		return d, fmt.Errorf("evaluate: %w", err)
	}
	order := make([]int, len(pairs)) // the pairs that titles rank higher come first
	for i := range order {
		order[i] = i
		switch {
		case apart[i] >= 0.5:
			add(&d.TitleAlike, labels[i])
		case apart[i] <= -0.5:
			add(&d.FramesAlike, labels[i])
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(apart[b], apart[a]) })
	d.Shown = append(d.Shown, disputed("A", pairs, m, order, n)...)
	slices.Reverse(order)
	d.Shown = append(d.Shown, disputed("B", pairs, m, order, n)...)
	return d, nil
}

// rankDifference is how far the rank-normalised values of a are above those of b.
func rankDifference(a, b []float64) ([]float64, error) {
	x, err := rank.Normalize(a)
	if err != nil {
		return nil, err
	}
	y, err := rank.Normalize(b)
	if err != nil {
		return nil, err
	}
	for i := range x {
		x[i] -= y[i]
	}
	return x, nil
}

// add puts one more pair into the mean of a side.
func add(s *results.Side, label float64) {
	s.Pairs++
	s.MeanLabel += (label - s.MeanLabel) / float64(s.Pairs)
}

// disputed takes the first n pairs of an order whose videos are not shown yet.
func disputed(name string, pairs []corpus.Pair, m Modalities, order []int, n int) []results.DisputedPair {
	var list []results.DisputedPair
	seen := map[int64]bool{}
	for _, i := range order {
		a, b := pairs[i].A, pairs[i].B
		if len(list) == n || seen[a] || seen[b] || a == b {
			continue
		}
		seen[a], seen[b] = true, true
		list = append(list, results.DisputedPair{Pair: fmt.Sprint(name, len(list)+1), Label: pairs[i].Score, IDs: [2]int64{a, b},
			Both: hundredths(m.Both[i]), Title: hundredths(m.Title[i]), Frames: hundredths(m.Frames[i])})
	}
	return list
}

func hundredths(x float64) float64 { return math.Round(100*x) / 100 }
