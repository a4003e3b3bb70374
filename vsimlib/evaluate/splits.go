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
	Leaked func(model string) int // pairs with a video that this model was trained on
}

// HeldOut is the pairs of pairwise that finetuning held out; the settings of all models have the same split and fold. A pair leaks
// if one of its videos is also in a pair that the model was trained on.
func HeldOut(c *corpus.Corpus, models map[string]recipe.Finetune) (Split, error) {
	pairs, err := c.Pairs(competition.Pairwise)
	if err != nil {
		return Split{}, err
	}
	held := Split{Part: competition.Pairwise}
	leaked := map[string]int{}
	for model, settings := range models {
		split, err := split.Finetuning(pairs, settings)
		if err != nil {
			return Split{}, err
		}
		held.Name, held.Pairs, leaked[model] = "validation, "+settings.Split, split.Val, split.LeakedPairs
	}
	held.Leaked = func(model string) int { return leaked[model] }
	return held, nil
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
	leaked := split.CountLeaks(s.Pairs, trained).Pairs
	s.Leaked = func(string) int { return leaked }
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
			list = append(list, results.Score{Model: model, Split: split.Name, Pairs: r.Pairs, LeakedPairs: split.Leaked(model),
				Spearman: r.Spearman, MSE: r.MSE})
		}
	}
	return list, nil
}
