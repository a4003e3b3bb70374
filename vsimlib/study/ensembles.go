// SPDX-License-Identifier: Apache-2.0

package study

import (
	"context"
	"errors"
)

// EnsembleWork joins the models of several tasks of kind Embed in all ways.
type EnsembleWork struct {
	Test []*Task // a member's embeddings of the videos that are scored
	Held []*Task // its embeddings of pairwise, on whose held-out pairs weights are fitted
	Dims []int   // of the joined embeddings, falling
}

// EnsembleScores is what one subset of the members scores.
type EnsembleScores struct {
	Members []int `json:"members"`
}

func (w *Worker) ensemble(ctx context.Context, t *Task) (result, error) {
	return result{}, errors.New("study: ensembles are not there yet")
}
