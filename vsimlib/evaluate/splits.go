// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"slices"

	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/results"
)

// TestPart is the part of a corpus whose pairs are scored and never trained on.
const TestPart = "test_a"

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
	pairs, err := c.Pairs("pairwise")
	if err != nil {
		return Split{}, err
	}
	split, err := corpus.SplitPairs(pairs, settings.Split, settings.Fold)
	if err != nil {
		return Split{}, err
	}
	return Split{"validation, " + settings.Split, "pairwise", split.Val, split.LeakedPairs}, nil
}

// Unseen is the pairs of TestPart. A pair leaks if one of its videos is in pointwise or pairwise too.
func Unseen(c *corpus.Corpus) (Split, error) {
	s := Split{Name: TestPart, Part: TestPart}
	var err error
	if s.Pairs, err = c.Pairs(TestPart); err != nil {
		return s, err
	}
	trained := map[int64]bool{}
	for _, part := range []string{"pointwise", "pairwise"} {
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

// Score scores a model's embeddings on the split.
func (s Split) Score(model string, set *embeddings.Set) (results.Score, error) {
	r, err := Score(set, s.Pairs)
	if err != nil {
		return results.Score{}, fmt.Errorf("%s on %s: %w", model, s.Name, err)
	}
	return results.Score{Model: model, Split: s.Name, Pairs: r.Pairs, LeakedPairs: s.Leaked, Spearman: r.Spearman, MSE: r.MSE}, nil
}
