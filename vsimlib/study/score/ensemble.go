// SPDX-License-Identifier: Apache-2.0

package score

import (
	"context"
	"fmt"

	"vsim/vsimlib/rank"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
)

// Ensemble scores every subset of a task's members, and reports after each which share of them is done.
func Ensemble(ctx context.Context, e *study.EnsembleWork, report func(share float64)) ([]results.EnsembleScores, error) {
	test, err := ReadMembers(e.Test)
	if err != nil {
		return nil, err
	}
	held, err := ReadMembers(e.Held)
	if err != nil {
		return nil, err
	}
	if e.Test[0] == e.Held[0] {
		held = nil // weights are not scored on the pairs that they were fitted on
	}
	var list []results.EnsembleScores
	all := Subsets(len(e.Test))
	for i, subset := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := subsetScores(subset, test, held, e.Dims)
		s.Members = Pick(e.Members, subset)
		if err != nil {
			return nil, fmt.Errorf("study: ensemble of %v: %w", s.Members, err)
		}
		list = append(list, s)
		report(float64(i+1) / float64(len(all)))
	}
	return list, nil
}

// subsetScores joins some of the members in all ways. held has the pairs that weights are fitted on; nil: none are fitted.
func subsetScores(subset []int, test, held *Members, dims []int) (s results.EnsembleScores, err error) {
	if s.Concat, err = rank.Spearman(Mix(test.Of(subset), nil), test.Labels); err != nil {
		return s, err
	}
	joined, err := test.SVD(subset, dims)
	if err != nil {
		return s, err
	}
	for _, cosines := range joined {
		rho, err := rank.Spearman(cosines, test.Labels)
		if err != nil {
			return s, err
		}
		s.SVD = append(s.SVD, rho)
	}
	if held == nil {
		return s, nil
	}
	s.Weights = Fit(held.Of(subset), held.Labels)
	rho, err := rank.Spearman(Mix(test.Of(subset), s.Weights), test.Labels)
	s.Fitted = &rho
	return s, err
}
