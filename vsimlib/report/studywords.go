// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/results"
	"vsim/vsimlib/text"
)

// tinyMark heads what is made at the scale tiny.
const tinyMark = "Scale `tiny`: every part works, and its scores mean nothing."

// StudySummary says in words what a study found, with the verdicts on the published claims that it tests.
func StudySummary(t *results.Table, claims []results.Claim) string {
	var lines []string
	if t.Scale == competition.ScaleTiny {
		lines = append(lines, tinyMark)
	}
	lines = append(lines, baselineWords(t))
	if len(t.Seeds) == 1 {
		lines = append(lines, "One seed: the intervals are over pairs alone, and another seed may turn every sign below around.")
	}
	lines = append(lines, differencesWords(t)...)
	if t.Ensembles != nil {
		lines = append(lines, sizesWords(t.Ensembles)...)
	}
	for _, c := range claims {
		lines = append(lines, fmt.Sprintf("%s: **%s**.", EscapeMarkdown(c.Claim), c.Verdict))
	}
	return bullets(lines)
}

// differencesWords group the rows by the verdict on their difference to the baseline.
func differencesWords(t *results.Table) []string {
	var lines []string
	family := fmt.Sprintf("corrected for %s", text.Count(len(t.Differences()), "comparison"))
	for _, group := range []struct {
		verdict results.Verdict
		words   string
	}{
		{results.Holds, "Above the baseline, " + family},
		{results.Reversed, "Below the baseline, " + family},
		{results.Leans, "Leaning above it, by this comparison alone"},
		{results.LeansBack, "Leaning below it, by this comparison alone"},
		{results.Undecided, "Undecided, with an interval that contains zero"},
		{results.Untested, "Differences, with " + string(results.Untested)},
	} {
		var list []string
		for _, c := range t.Rows() {
			if c.Difference != nil && c.Difference.Verdict(t.Scale) == group.verdict {
				list = append(list, fmt.Sprintf("**%s** %s", EscapeMarkdown(string(c.Label)), WithBounds(c.Difference)))
			}
		}
		if len(list) > 0 {
			lines = append(lines, group.words+": "+strings.Join(list, "; ")+".")
		}
	}
	return lines
}

func bullets(lines []string) string { return "- " + strings.Join(lines, "\n- ") }

func baselineWords(t *results.Table) string {
	corpus, _, _ := strings.Cut(t.Corpus, ":")
	begin := fmt.Sprintf("On the corpus **%s**, “%s”, with which the others are compared,", EscapeMarkdown(corpus),
		EscapeMarkdown(string(t.Baseline)))
	base := t.Find(t.Baseline)
	if base == nil || base.Spearman == nil {
		return begin + " has no score."
	}
	spread := ""
	if base.SD != nil {
		spread = " ± " + correlation(*base.SD)
	}
	return fmt.Sprintf("%s scores %s%s (%s).", begin, correlation(base.Spearman.Mean), spread, text.Count(base.Spearman.Seeds, "seed"))
}

// sizesWords say what each further model adds, and what truncation and fitted weights change.
func sizesWords(e *results.EnsembleTable) []string {
	var means, adds []string
	for i, s := range e.Sizes {
		if s.Spearman == nil {
			continue
		}
		means = append(means, fmt.Sprintf("%d: %s", s.Size, correlation(s.Spearman.Mean)))
		if i > 0 && e.Sizes[i-1].Spearman != nil {
			adds = append(adds, fmt.Sprintf("%s %s", ordinal(s.Size), Signed(s.Spearman.Mean-e.Sizes[i-1].Spearman.Mean)))
		}
	}
	if len(means) == 0 {
		return nil
	}
	lines := []string{"Mean over all subsets, concatenated, by number of models: " + strings.Join(means, ", ") +
		". What the next one adds: " + strings.Join(adds, ", ") + "."}
	if changes := joinedWords(e); changes != "" {
		lines = append(lines, changes)
	}
	return lines
}

// joinedWords compare the truncations and fitted weights of all members with their concatenation; "" where that has no score.
func joinedWords(e *results.EnsembleTable) string {
	last := e.Sizes[len(e.Sizes)-1]
	if last.Spearman == nil {
		return ""
	}
	var changes []string
	for d, dim := range e.Dims {
		if last.SVD[d] != nil {
			changes = append(changes, fmt.Sprintf("%d floats a video %s", dim, Signed(*last.SVD[d]-last.Spearman.Mean)))
		}
	}
	if last.Fitted != nil {
		changes = append(changes, "weights fitted on the held-out pairs "+Signed(*last.Fitted-last.Spearman.Mean))
	}
	return fmt.Sprintf("Against the concatenation of all %d with equal weights: %s.", last.Size, strings.Join(changes, ", "))
}

func ordinal(n int) string {
	switch n {
	case 2:
		return "second"
	case 3:
		return "third"
	}
	return fmt.Sprintf("%dth", n)
}
