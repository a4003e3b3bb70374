// SPDX-License-Identifier: Apache-2.0

// Package split divides labelled pairs into those that train and those that validate.
package split

import (
	"fmt"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/components"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/corpus/schema"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/recipe"
)

// folds is the modulus of the competition's split.
const folds = 5

// giant is the share of all pairs from which on one component leaves too little to validate on.
const giant = 0.9

// Split is a division of pairs into training and validation.
type Split struct {
	Rule         string
	Train, Val   []corpus.Pair // in the order of the pairs given
	Dropped      int           // pairs that are in neither
	ValVideos    int           // distinct videos in Val
	LeakedVideos int           // of these, how many occur in Train too
	LeakedPairs  int           // pairs of Val with at least one such video
}

// Pairs divides pairs by the ids of their videos.
//
//   - released, as the competition's code: Val has the pairs with both ids ≡ fold mod 5, about 1/25 of all; Train has all others,
//     hence also videos of Val (LeakedVideos counts them).
//   - strict, as the paper's section 2.5 says: Val as before, Train only the pairs with neither id ≡ fold mod 5; the rest is
//     dropped.
//   - component: whole connected components of the graph of pairs. Val has those whose smallest id ≡ fold mod 5, but never the
//     component with the most pairs, which always trains; nothing leaks, nothing is dropped. Where that component holds more than
//     nine tenths of all pairs, this is an error.
//
// Val may be empty for few pairs; an empty Train is an error.
func Pairs(pairs []corpus.Pair, rule string, fold int) (Split, error) {
	if fold < 0 || fold >= folds {
		return Split{}, fmt.Errorf("split: fold %d is outside 0..%d", fold, folds-1)
	}
	in := func(id int64) bool { return id%folds == int64(fold) }
	s := Split{Rule: rule}
	switch rule {
	case competition.SplitReleased, competition.SplitStrict:
		for _, p := range pairs {
			switch a, b := in(p.A), in(p.B); {
			case a && b:
				s.Val = append(s.Val, p)
			case rule == competition.SplitReleased || (!a && !b):
				s.Train = append(s.Train, p)
			default:
				s.Dropped++
			}
		}
	case competition.SplitComponent:
		g := components.New()
		for _, p := range pairs {
			g.Join(p.A, p.B)
		}
		largest, size := g.Largest()
		if float64(size.Edges) > giant*float64(len(pairs)) {
			return Split{}, fmt.Errorf("split: component: one component holds %d of the %d pairs (%d videos), too little is left "+
				"to validate on; use the split strict",
				size.Edges, len(pairs), size.Nodes)
		}
		for _, p := range pairs {
			if root := g.Root(p.A); root != largest && in(root) {
				s.Val = append(s.Val, p)
			} else {
				s.Train = append(s.Train, p)
			}
		}
	default:
		return Split{}, fmt.Errorf("split: unknown split %q; known are %s", rule, strings.Join(competition.Splits(), ", "))
	}
	if len(s.Train) == 0 {
		return Split{}, fmt.Errorf("split: %s, fold %d: none of the %d pairs is left to train on", rule, fold, len(pairs))
	}
	s.countLeaks()
	return s, nil
}

// Finetuning divides pairs as finetuning with these settings does: of the training pairs it uses at most max_pairs, the first ones,
// and only these leak.
func Finetuning(pairs []corpus.Pair, settings recipe.Finetune) (Split, error) {
	s, err := Pairs(pairs, settings.Split, settings.Fold)
	if err != nil {
		return s, err
	}
	return s.First(settings.Pairs(len(s.Train))), nil
}

// ForTraining is Finetuning, where there is something to train on, and something of which there is a Spearman; else an error.
func ForTraining(pairs []corpus.Pair, settings recipe.Finetune) (Split, error) {
	s, err := Finetuning(pairs, settings)
	if err != nil {
		return s, err
	}
	if len(s.Train) == 0 || len(s.Val) < 2 {
		return s, fmt.Errorf("split: %s, fold %d: %d pairs to train on and %d to validate on; use another fold or split", settings.Split,
			settings.Fold, len(s.Train), len(s.Val))
	}
	if err := rank.Check(schema.Scores(s.Val)); err != nil {
		return s, fmt.Errorf("split: %s, fold %d: labels to validate on: %w", settings.Split, settings.Fold, err)
	}
	return s, nil
}

// First returns the split with the first n training pairs alone, and the leaks that these make.
func (s Split) First(n int) Split {
	s.Train = s.Train[:n]
	s.countLeaks()
	return s
}

func (s *Split) countLeaks() {
	trained := map[int64]bool{}
	for _, p := range s.Train {
		trained[p.A], trained[p.B] = true, true
	}
	leaks := CountLeaks(s.Val, trained)
	s.ValVideos, s.LeakedPairs, s.LeakedVideos = leaks.Of, leaks.Pairs, leaks.Videos
}

// Leaks counts what of the pairs of a score was trained on.
type Leaks struct {
	Pairs  int // with at least one video that was trained on
	Videos int // distinct ones that were trained on
	Of     int // distinct videos in all
}

// CountLeaks counts the pairs and videos that were trained on. Every count of leaks that is shown comes from here.
func CountLeaks(pairs []corpus.Pair, trained map[int64]bool) Leaks {
	var leaks Leaks
	seen := map[int64]bool{}
	for _, p := range pairs {
		for _, id := range []int64{p.A, p.B} {
			if !seen[id] && trained[id] {
				leaks.Videos++
			}
			seen[id] = true
		}
		if trained[p.A] || trained[p.B] {
			leaks.Pairs++
		}
	}
	leaks.Of = len(seen)
	return leaks
}
