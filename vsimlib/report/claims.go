// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/results"
)

// ClaimsTable tables published effects and what studies say of them.
func ClaimsTable(list []results.Claim) Table {
	t := Table{Header: []string{"study", "corpus", "effect", "published", "here", "95% interval", "p, corrected",
		"seeds for it", "verdict"}}
	for _, c := range list {
		row := []Cell{Words(c.Study), Words(c.Corpus), Words(c.Claim), Number(""), Number(Signed(c.Mean)), Number(boundsOf(&c.Estimate)),
			Number(probability(c.Holm)), Number(fmt.Sprintf("%d of %d", c.Agree, c.Seeds)), Words(string(c.Verdict))}
		if c.Published != nil {
			row[3].Text = Signed(*c.Published)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ClaimsSummary says which effects hold. A comparison that several studies share is counted once.
func ClaimsSummary(claims results.Claims) string {
	var lines []string
	if claims.Scale == competition.ScaleTiny {
		lines = append(lines, tinyMark)
	}
	list := distinct(claims.Claims)
	if n := len(claims.Claims); n > len(list) {
		lines = append(lines, fmt.Sprintf("The %d rows are %d comparisons, which are counted here: studies share runs, so "+
			"some rows compare the same ones.", n, len(list)))
	}
	for _, group := range []struct {
		verdicts []results.Verdict
		words    string
	}{
		{[]results.Verdict{results.Holds}, "**Hold here**"},
		{[]results.Verdict{results.Leans, results.LeansBack}, "**Lean to one side**"},
		{[]results.Verdict{results.Undecided, results.Untested}, "**Undecided here**"},
		{[]results.Verdict{results.Reversed}, "**Do not hold here**"},
	} {
		var effects []string
		for _, c := range list {
			if slices.Contains(group.verdicts, c.Verdict) {
				effects = append(effects, fmt.Sprintf("%s (%s, %s)", EscapeMarkdown(c.Claim), EscapeMarkdown(c.Corpus), Signed(c.Mean)))
			}
		}
		n := len(effects)
		if n == 0 {
			effects = []string{"none"}
		}
		lines = append(lines, fmt.Sprintf("%s (%d of %d): %s.", group.words, n, len(list), strings.Join(effects, "; ")))
	}
	return bullets(append(lines, planWords(list)...))
}

// distinct are the claims without those that compare the same runs as one of another study before them: on the same corpus, with
// the same estimate.
func distinct(list []results.Claim) []results.Claim {
	var out []results.Claim
	for _, c := range list {
		same := func(o results.Claim) bool {
			return o.Study != c.Study && o.Corpus == c.Corpus && o.Mean == c.Mean && o.Low == c.Low && o.High == c.High && o.Seeds == c.Seeds
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, c)
		}
	}
	return out
}

// planWords say which claims that lean or are undecided ten seeds would decide by themselves, without the correction, if the means
// and their errors stayed what they are.
func planWords(list []results.Claim) []string {
	var would, not []string
	for _, c := range list {
		open := c.Verdict == results.Leans || c.Verdict == results.LeansBack || c.Verdict == results.Undecided
		switch words := fmt.Sprintf("%s (%s)", EscapeMarkdown(c.Claim), EscapeMarkdown(c.Study)); {
		case !open || c.Ten == nil:
		case *c.Ten < results.Alpha:
			would = append(would, words)
		default:
			not = append(not, words)
		}
	}
	var lines []string
	if len(would) > 0 {
		lines = append(lines, "If means and errors stay, ten seeds would decide: "+strings.Join(would, "; ")+".")
	}
	if len(not) > 0 {
		lines = append(lines, "Ten seeds would leave open: "+strings.Join(not, "; ")+".")
	}
	return lines
}

// ClaimsSources lists where the effects were published and what it says there, each source once.
func ClaimsSources(list []results.Claim) string {
	var lines []string
	for _, c := range list {
		line := fmt.Sprintf("%s: “%s”", EscapeMarkdown(c.Source.Where), EscapeMarkdown(c.Source.Words))
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return "Where the effects were published, in our words:\n\n" + bullets(lines)
}
