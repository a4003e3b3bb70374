// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// EvaluationSummary says in Markdown what an evaluation found: the scores of each split, what ensembles and pretraining gain, and
// how long training took.
func EvaluationSummary(e results.Evaluation) (string, error) {
	if len(e.Scores) == 0 {
		return "", errors.New("the results hold no scores")
	}
	var lines []string
	if e.Scale == competition.ScaleTiny {
		lines = append(lines, "This is scale `tiny`: it shows that every part works, and its scores mean nothing.")
	}
	var splits []string
	for _, s := range e.Scores {
		if !slices.Contains(splits, s.Split) {
			splits = append(splits, s.Split)
			lines = append(lines, splitWords(e, s.Split))
		}
	}
	for _, joined := range e.Ensembles {
		if joined.Part == competition.TestA {
			lines = append(lines, ensembleWords(e, joined))
		}
	}
	if line := pretrainingWords(e); line != "" {
		lines = append(lines, line)
	}
	return bullets(append(lines, timeWords(e))), nil
}

// splitWords are the scores of one split, and how many of its pairs leak.
func splitWords(e results.Evaluation, split string) string {
	var scores []string
	var one results.Score
	for _, s := range e.Scores {
		if s.Split == split {
			scores, one = append(scores, fmt.Sprintf("%s %.3f (MSE %.4f)", s.Model, s.Spearman, s.MSE)), s
		}
	}
	leak := "none of them with a clip that training saw"
	if one.LeakedPairs > 0 {
		leak = text.Thousands(one.LeakedPairs) + " of them with a clip that is in a training pair too, which raises the score"
	}
	return fmt.Sprintf("**%s** (%s pairs, %s): Spearman %s.", EscapeMarkdown(split), text.Thousands(one.Pairs), leak,
		EscapeMarkdown(strings.Join(scores, ", ")))
}

// onTest finds the score of a model on the test part.
func onTest(e results.Evaluation, model string) (results.Score, bool) {
	for _, s := range e.Scores {
		if s.Model == model && s.Split == competition.TestA {
			return s, true
		}
	}
	return results.Score{}, false
}

// ensembleWords compare an ensemble with the best of its members.
func ensembleWords(e results.Evaluation, joined results.Joined) string {
	best := results.Score{Spearman: math.Inf(-1)}
	for _, name := range joined.Members {
		if s, ok := onTest(e, name); ok && s.Spearman > best.Spearman {
			best = s
		}
	}
	score, ok := onTest(e, joined.Model)
	if !ok || math.IsInf(best.Spearman, 0) {
		return fmt.Sprintf("%s has %d floats a video.", EscapeMarkdown(joined.Model), joined.Dim)
	}
	return EscapeMarkdown(fmt.Sprintf("On %s, %s of %s is %s its best member, %s; "+
		"it keeps %d floats a video, which hold %.1f%% of the squares.",
		competition.TestA, joined.Model, strings.Join(joined.Members, " and "), Difference(score.Spearman-best.Spearman), best.Model,
		joined.Dim, 100*joined.Explained))
}

// pretrainingWords compare two models that differ only in whether they were pretrained; "" where there are none.
func pretrainingWords(e results.Evaluation) string {
	for _, without := range e.Members {
		if without.PretrainSteps > 0 {
			continue
		}
		for _, with := range e.Members {
			alike := with
			alike.Model, alike.PretrainEpochs, alike.PretrainSteps = without.Model, without.PretrainEpochs, without.PretrainSteps
			alike.PretrainSeconds, alike.FinetuneSeconds = without.PretrainSeconds, without.FinetuneSeconds
			a, known := onTest(e, with.Model)
			b, too := onTest(e, without.Model)
			if with.PretrainSteps > 0 && alike == without && known && too {
				return EscapeMarkdown(fmt.Sprintf("Pretraining, one pair of runs: on %s, %s (%d epochs of it) is %s %s, which has none.",
					competition.TestA, with.Model, with.PretrainEpochs, Difference(a.Spearman-b.Spearman), without.Model))
			}
		}
	}
	return ""
}

func timeWords(e results.Evaluation) string {
	var parts []string
	for _, m := range e.Members {
		parts = append(parts, fmt.Sprintf("%s %.0f s and %.0f s", m.Model, m.PretrainSeconds, m.FinetuneSeconds))
	}
	return EscapeMarkdown("Pretraining and finetuning took, with compilation and validation: " + strings.Join(parts, ", ") + ".")
}
