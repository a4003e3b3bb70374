// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/study"
)

// StudySummary says in words what the kept table of a study holds; every number in them comes from it.
func StudySummary(name string) error {
	s, err := studyOf(name)
	if err != nil {
		return err
	}
	t, _, err := s.kept(name)
	if err != nil {
		return err
	}
	if t == nil {
		showMarkdown(s.missing())
		return nil
	}
	showMarkdown(studyWords(t))
	return nil
}

func studyWords(t *study.Table) string {
	var lines []string
	if t.Scale == tiny {
		lines = append(lines, "Scale `tiny`: every part works, and its scores mean nothing.")
	}
	lines = append(lines, baselineWords(t))
	rows := t.Cells
	if t.Ensembles != nil {
		rows = append(slices.Clone(rows), t.Ensembles.Joined...)
	}
	for _, group := range []struct {
		verdict verdict
		words   string
	}{
		{above, "Above it, with an interval that leaves zero out"},
		{below, "Below it, with an interval that leaves zero out"},
		{open, "Not told apart from it"},
	} {
		var list []string
		for _, r := range rows {
			if r.Difference != nil && judge(r.Difference) == group.verdict {
				list = append(list, fmt.Sprintf("**%s** %s %s", escapeMarkdown(r.Label), signed(r.Difference.Mean), bounds(r.Difference)))
			}
		}
		if len(list) > 0 {
			lines = append(lines, group.words+": "+strings.Join(list, "; ")+".")
		}
	}
	if t.Ensembles != nil {
		lines = append(lines, sizesWords(t.Ensembles)...)
	}
	for _, c := range claimsOf(t, "") {
		lines = append(lines, fmt.Sprintf("%s: **%s**.", escapeMarkdown(c.Claim), c.Verdict))
	}
	return "- " + strings.Join(lines, "\n- ")
}

func baselineWords(t *study.Table) string {
	corpus, _, _ := strings.Cut(t.Corpus, ":")
	for _, c := range t.Cells {
		if c.Label != t.Baseline || c.Mean == nil {
			continue
		}
		spread := ""
		if c.SD != nil {
			spread = " ± " + plain(*c.SD)
		}
		return fmt.Sprintf("On the corpus **%s**, “%s”, with which the others are compared, scores %s%s (%s).", escapeMarkdown(corpus), escapeMarkdown(t.Baseline),
			plain(c.Mean.Mean), spread, counts(c.Mean.Seeds, "seed"))
	}
	return fmt.Sprintf("On the corpus **%s**, “%s”, with which the others are compared, has no score.", escapeMarkdown(corpus), escapeMarkdown(t.Baseline))
}

// sizesWords say what each further model adds, and what truncation and fitted weights change.
func sizesWords(e *study.Ensembles) []string {
	var means, adds []string
	for i, s := range e.Sizes {
		if s.Mean == nil {
			continue
		}
		means = append(means, fmt.Sprintf("%d: %s", s.Size, plain(s.Mean.Mean)))
		if i > 0 && e.Sizes[i-1].Mean != nil {
			adds = append(adds, fmt.Sprintf("%s %s", ordinal(s.Size), signed(s.Mean.Mean-e.Sizes[i-1].Mean.Mean)))
		}
	}
	if len(means) == 0 {
		return nil
	}
	lines := []string{"Mean over all subsets, concatenated, by number of models: " + strings.Join(means, ", ") + ". What the next one adds: " + strings.Join(adds, ", ") + "."}
	last := e.Sizes[len(e.Sizes)-1]
	if last.Mean == nil {
		return lines
	}
	var changes []string
	for d, dim := range e.Dims {
		if last.SVD[d] != nil {
			changes = append(changes, fmt.Sprintf("%d floats a video %s", dim, signed(*last.SVD[d]-last.Mean.Mean)))
		}
	}
	if last.Fitted != nil {
		changes = append(changes, "weights fitted on the held-out pairs "+signed(*last.Fitted-last.Mean.Mean))
	}
	return append(lines, fmt.Sprintf("Against the concatenation of all %d with equal weights: %s.", last.Size, strings.Join(changes, ", ")))
}

func ordinal(n int) string {
	if n == 2 {
		return "second"
	}
	if n == 3 {
		return "third"
	}
	return fmt.Sprintf("%dth", n)
}

// verdict is what an interval says of a difference.
type verdict int

const (
	open  verdict = iota // it has zero in it
	above                // all of it is above zero
	below
)

func judge(d *study.Estimate) verdict {
	switch {
	case d.Low > 0:
		return above
	case d.High < 0:
		return below
	}
	return open
}
