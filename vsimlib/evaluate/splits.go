// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"slices"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
	"vsim/vsimlib/split"
)

// Split is pairs to score, and how many of them leak.
type Split struct {
	Name   string // as a table shows it
	Part   string // of the corpus, with the videos
	Pairs  []corpus.Pair
	Leaked int // pairs with a video that was trained on
}

// HeldOut is the pairs of pairwise that finetuning with these settings holds out. A pair leaks if one of its videos is in a
// training pair too.
func HeldOut(c *corpus.Corpus, settings recipe.Finetune) (Split, error) {
	pairs, err := c.Pairs(competition.Pairwise)
	if err != nil {
		return Split{}, err
	}
	split, err := split.Pairs(pairs, settings.Split, settings.Fold)
	if err != nil {
		return Split{}, err
	}
	return Split{"validation, " + settings.Split, competition.Pairwise, split.Val, split.LeakedPairs}, nil
}

// Unseen is the pairs of test_a, on which no model is trained. A pair leaks if one of its videos is in pointwise or pairwise too.
func Unseen(c *corpus.Corpus) (Split, error) {
	s := Split{Name: competition.TestA, Part: competition.TestA}
	var err error
	if s.Pairs, err = c.Pairs(competition.TestA); err != nil {
		return s, err
	}
	trained := map[int64]bool{}
	for _, part := range competition.Training() {
		if !slices.Contains(c.Parts(), part) {
			continue
		}
		set, err := c.Part(part)
		if err != nil {
			return s, err
		}
		for _, id := range set.IDs() {
			trained[id] = true
		}
	}
	for _, pair := range s.Pairs {
		if trained[pair.A] || trained[pair.B] {
			s.Leaked++
		}
	}
	return s, nil
}

// Scores scores models on splits, the models of a split one after the other. read returns a model's embeddings of a part.
func Scores(models []string, read func(model, part string) (*embeddings.Set, error), splits ...Split) ([]results.Score, error) {
	var list []results.Score
	for _, split := range splits {
		for _, model := range models {
			set, err := read(model, split.Part)
			if err != nil {
				return nil, err
			}
			r, err := Score(set, split.Pairs)
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", model, split.Name, err)
			}
			list = append(list, results.Score{Model: model, Split: split.Name, Pairs: r.Pairs, LeakedPairs: split.Leaked,
				Spearman: r.Spearman, MSE: r.MSE})
		}
	}
	return list, nil
}
