// SPDX-License-Identifier: Apache-2.0

package score

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"vsim/vsimlib/rank"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study/task"
)

// Ensemble scores every subset of a task's members, and reports after each which share of them is done.
func Ensemble(ctx context.Context, e *task.EnsembleWork, report func(share float64)) ([]results.EnsembleScores, error) {
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
	return subsets(ctx, e, test, held, report)
}

// subsetsAtOnce limits the subsets that are scored at a time: each has a copy of the joint embeddings.
const subsetsAtOnce = 8

// subsets scores all subsets, on several processors. held has the pairs that weights are fitted on; nil: none are fitted.
func subsets(ctx context.Context, e *task.EnsembleWork, test, held *Members, report func(share float64)) (
	[]results.EnsembleScores, error) {
	labels, err := rank.NewSide(test.Labels)
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	joiner, err := test.Joiner()
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	all := Subsets(len(test.sets))
	list, errs := make([]results.EnsembleScores, len(all)), make([]error, len(all))
	left, done, failed := len(all), 0, false
	var mutex sync.Mutex
	next := func() (i int, ok bool) { // from the last, as the largest ones take longest
		mutex.Lock()
		defer mutex.Unlock()
		left--
		return left, left >= 0 && !failed && ctx.Err() == nil
	}
	var workers sync.WaitGroup
	for range min(subsetsAtOnce, runtime.GOMAXPROCS(0), len(all)) {
		workers.Go(func() {
			w := &scorer{joiner: joiner, test: test, held: held, labels: labels, widths: e.Dims}
			for i, ok := next(); ok; i, ok = next() {
				s, err := w.score(all[i])
				s.Members = Pick(e.Members, all[i])
				mutex.Lock()
				list[i], errs[i], failed = s, err, failed || err != nil
				done++
				report(float64(done) / float64(len(all)))
				mutex.Unlock()
			}
		})
	}
	workers.Wait()
	for i, err := range slices.Backward(errs) { // the first that was taken of those that failed: always the same
		if err != nil {
			return nil, fmt.Errorf("study: ensemble of %v: %w", list[i].Members, err)
		}
	}
	return list, ctx.Err()
}

// scorer scores one subset after the other.
type scorer struct {
	joiner     *Joiner
	test, held *Members
	labels     *rank.Side // of test
	widths     []int
	buffer     []float32
}

// score joins some of the members in all ways.
func (w *scorer) score(subset []int) (s results.EnsembleScores, err error) {
	if s.Concat, err = w.labels.Spearman(Mix(w.test.Of(subset), nil)); err != nil {
		return s, err
	}
	var joined [][]float64
	if joined, w.buffer, err = w.joiner.SVD(subset, w.widths, w.buffer); err != nil {
		return s, err
	}
	for _, cosines := range joined {
		rho, err := w.labels.Spearman(cosines)
		if err != nil {
			return s, err
		}
		s.SVD = append(s.SVD, rho)
	}
	if w.held == nil {
		return s, nil
	}
	s.Weights = Fit(w.held.Of(subset), w.held.Labels)
	rho, err := w.labels.Spearman(Mix(w.test.Of(subset), s.Weights))
	s.Fitted = &rho
	return s, err
}
