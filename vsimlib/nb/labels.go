// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"slices"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/evaluate"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/trainer"
)

// LabelLevels lists the values of pairwise's labels and what E5 makes of each, and keeps them under "labels" of the results file.
func LabelLevels(results string) ([]Level, error) {
	s, err := sourceOfPreset()
	if err != nil {
		return nil, err
	}
	pairs, err := s.corpus.Pairs("pairwise")
	if err != nil {
		return nil, err
	}
	labels := make([]float64, len(pairs))
	for i, pair := range pairs {
		labels[i] = pair.Score
	}
	normalized, err := rank.Normalize(labels)
	if err != nil {
		return nil, err
	}
	levels := map[float64]*Level{}
	var list []Level
	for i, label := range labels {
		if levels[label] == nil {
			levels[label] = &Level{Label: label, Normalized: normalized[i]}
		}
		levels[label].Pairs++
	}
	for _, level := range levels {
		list = append(list, *level)
	}
	slices.SortFunc(list, func(a, b Level) int {
		if a.Label < b.Label {
			return -1
		}
		return 1
	})
	return list, s.keep(results, "labels", list)
}

// Splits divides pairwise by every rule, and keeps the rows under "splits" of the results file.
func Splits(results string) ([]Division, error) {
	s, err := sourceOfPreset()
	if err != nil {
		return nil, err
	}
	pairs, err := s.corpus.Pairs("pairwise")
	if err != nil {
		return nil, err
	}
	var list []Division
	for _, rule := range []string{competition.SplitReleased, competition.SplitStrict, competition.SplitComponent} {
		split, err := corpus.SplitPairs(pairs, rule, 0)
		if err != nil {
			list = append(list, Division{Split: rule, Note: line(err)})
			continue
		}
		list = append(list, Division{Split: rule, Train: len(split.Train), Val: len(split.Val), Dropped: split.Dropped,
			LeakedVideos: split.LeakedVideos, LeakedPairs: split.LeakedPairs})
	}
	return list, s.keep(results, "splits", list)
}

// Leaks sets what finetuned models score on the pairs they held out beside what they score on test_a, and keeps the rows under "leaks" of
// the results file.
func Leaks(results string, models ...string) ([]Leak, error) {
	s, err := sourceOfPreset()
	if err != nil {
		return nil, err
	}
	test, err := unseen(s.corpus)
	if err != nil {
		return nil, err
	}
	var list []Leak
	for _, model := range models {
		var r trainer.FinetuneResult
		if _, err := finished(Run(model, finetune), &r); err != nil {
			return nil, err
		}
		set, err := embeddings.Read(Embeddings(model, testPart))
		if err != nil {
			return nil, err
		}
		score, err := evaluate.Score(set, test.pairs)
		if err != nil {
			return nil, err
		}
		list = append(list, Leak{Model: model, Split: r.Split, Train: r.TrainPairs, Leaked: r.LeakedPairs, Val: r.ValPairs,
			HeldOut: r.ValSpearman, Test: score.Spearman, MSE: score.MSE})
	}
	return list, s.keep(results, "leaks", list)
}
