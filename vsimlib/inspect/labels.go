// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"slices"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/results"
	"vsim/vsimlib/run/outcome"
	"vsim/vsimlib/split"
)

// LabelLevels lists the values that labels have, ascending, and what rank-normalising (E5) makes of each.
func LabelLevels(pairs []corpus.Pair) ([]results.LabelLevel, error) {
	labels := make([]float64, len(pairs))
	for i, pair := range pairs {
		labels[i] = pair.Score
	}
	normalized, err := rank.Normalize(labels)
	if err != nil {
		return nil, err
	}
	levels := map[float64]*results.LabelLevel{}
	for i, label := range labels {
		if levels[label] == nil {
			levels[label] = &results.LabelLevel{Label: label, Normalized: normalized[i]}
		}
		levels[label].Pairs++
	}
	var list []results.LabelLevel
	for _, level := range levels {
		list = append(list, *level)
	}
	slices.SortFunc(list, func(a, b results.LabelLevel) int { return cmp.Compare(a.Label, b.Label) })
	return list, nil
}

// SplitSizes divides pairs by every rule. A rule that gives no split has the reason as its note.
func SplitSizes(pairs []corpus.Pair) []results.SplitSize {
	var list []results.SplitSize
	for _, rule := range competition.Splits() {
		size := results.SplitSize{Split: rule}
		if split, err := split.Pairs(pairs, rule, 0); err != nil {
			size.Note = err.Error()
		} else {
			size.Train, size.Val, size.Dropped = len(split.Train), len(split.Val), split.Dropped
			size.LeakedVideos, size.LeakedPairs = split.LeakedVideos, split.LeakedPairs
		}
		list = append(list, size)
	}
	return list
}

// LeakOf compares a finetuned model's score on the pairs that it held out with its score on a test split.
func LeakOf(model string, r outcome.Finetune, set *embeddings.Set, test evaluate.Split) (results.Leak, error) {
	score, err := evaluate.Score(set, test.Pairs)
	if err != nil {
		return results.Leak{}, err
	}
	return results.Leak{Model: model, Split: r.Split, Train: r.TrainPairs, Leaked: r.LeakedPairs, Val: r.ValPairs,
		HeldOut: r.ValSpearman, Test: score.Spearman, MSE: score.MSE}, nil
}
