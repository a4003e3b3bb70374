// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Summary says in words what a results file of Evaluate holds. Every number in them comes from the file.
func Summary(results string) error {
	var o Outcome
	if err := readJSON(Results(results), &o); err != nil {
		return fmt.Errorf("%w; run the cell that evaluates first", err)
	}
	text, err := o.words()
	if err != nil {
		return err
	}
	showMarkdown(text)
	return nil
}

func (o Outcome) words() (string, error) {
	if len(o.Scores) == 0 {
		return "", fmt.Errorf("the results hold no scores")
	}
	var lines []string
	if o.Scale == tiny {
		lines = append(lines, "This is scale `tiny`: it shows that every part works, and its scores mean nothing.")
	}
	var splits []string
	for _, s := range o.Scores {
		if !slices.Contains(splits, s.Split) {
			splits = append(splits, s.Split)
			lines = append(lines, o.splitWords(s.Split))
		}
	}
	for _, joint := range o.Ensembles {
		if joint.Part == testPart {
			lines = append(lines, o.ensembleWords(joint))
		}
	}
	if line := o.pretrainWords(); line != "" {
		lines = append(lines, line)
	}
	lines = append(lines, o.timeWords())
	return "- " + strings.Join(lines, "\n- "), nil
}

// splitWords is the scores of one split, with what they hold on.
func (o Outcome) splitWords(split string) string {
	var scores []string
	var one Score
	for _, s := range o.Scores {
		if s.Split == split {
			scores, one = append(scores, fmt.Sprintf("%s %.3f (MSE %.4f)", s.Model, s.Spearman, s.MSE)), s
		}
	}
	leak := "none of them with a clip that training saw"
	if one.LeakedPairs > 0 {
		leak = fmt.Sprintf("%s of them with a clip that stands in a training pair too, which flatters", grouped(int64(one.LeakedPairs)))
	}
	return fmt.Sprintf("**%s** (%s pairs, %s): Spearman %s.", escapeMarkdown(split), grouped(int64(one.Pairs)), leak, escapeMarkdown(strings.Join(scores, ", ")))
}

// find is the score of a model on the test part.
func (o Outcome) find(model string) (Score, bool) {
	for _, s := range o.Scores {
		if s.Model == model && s.Split == testPart {
			return s, true
		}
	}
	return Score{}, false
}

func (o Outcome) ensembleWords(joint Joint) string {
	best := Score{Spearman: math.Inf(-1)}
	for _, name := range joint.Members {
		if s, ok := o.find(name); ok && s.Spearman > best.Spearman {
			best = s
		}
	}
	joined, ok := o.find(joint.Model)
	if !ok || math.IsInf(best.Spearman, 0) {
		return fmt.Sprintf("%s has %d floats a video.", escapeMarkdown(joint.Model), joint.Dim)
	}
	return escapeMarkdown(fmt.Sprintf("On %s, %s of %s is %s its best member, %s; it keeps %d floats a video, which hold %.1f%% of the squares.",
		testPart, joint.Model, strings.Join(joint.Members, " and "), difference(joined.Spearman-best.Spearman), best.Model, joint.Dim, 100*joint.Explained))
}

// pretrainWords compares models that differ in nothing but whether they were pretrained.
func (o Outcome) pretrainWords() string {
	for _, without := range o.Members {
		if without.PretrainSteps > 0 {
			continue
		}
		for _, with := range o.Members {
			alike := with
			alike.Model, alike.PretrainEpochs, alike.PretrainSteps = without.Model, without.PretrainEpochs, without.PretrainSteps
			alike.PretrainSeconds, alike.FinetuneSeconds = without.PretrainSeconds, without.FinetuneSeconds
			a, known := o.find(with.Model)
			b, too := o.find(without.Model)
			if with.PretrainSteps > 0 && alike == without && known && too {
				return escapeMarkdown(fmt.Sprintf("Pretraining, one pair of runs: on %s, %s (%d epochs of it) is %s %s, which has none.",
					testPart, with.Model, with.PretrainEpochs, difference(a.Spearman-b.Spearman), without.Model))
			}
		}
	}
	return ""
}

// difference says how far above or below.
func difference(d float64) string {
	switch text := fmt.Sprintf("%.3f", math.Abs(d)); {
	case text == "0.000":
		return "within 0.0005 of"
	case d > 0:
		return text + " above"
	default:
		return text + " below"
	}
}

func (o Outcome) timeWords() string {
	var parts []string
	for _, m := range o.Members {
		parts = append(parts, fmt.Sprintf("%s %.0f s and %.0f s", m.Model, m.PretrainSeconds, m.FinetuneSeconds))
	}
	return escapeMarkdown("Pretraining and finetuning took, with compilation and validation: " + strings.Join(parts, ", ") + ".")
}

// escapeMarkdown takes the meaning from characters that Markdown or HTML would read as their own.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range clean(s) {
		if strings.ContainsRune("\\`*_{}[]<>&#|$~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
