// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/results"
)

// ClaimsTable tables published effects and what studies say of them.
func ClaimsTable(list []results.Claim) Table {
	t := Table{Header: []string{"study", "corpus", "effect", "published", "here", "95% interval", "seeds for it", "on this corpus it"}}
	for _, c := range list {
		row := []Cell{Words(c.Study), Words(c.Corpus), Words(c.Claim), Number(""), Number(Signed(c.Ours)), Number(""),
			Number(fmt.Sprintf("%d of %d", c.Agree, c.Seeds)), Words(c.Verdict)}
		if c.Published != nil {
			row[3].Text = Signed(*c.Published)
		}
		if c.Low != nil {
			row[5].Text = bounds(*c.Low, *c.High)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ClaimsSummary says which effects hold.
func ClaimsSummary(claims results.Claims) string {
	var lines []string
	if claims.Scale == competition.ScaleTiny {
		lines = append(lines, tinyMark)
	}
	for _, group := range []struct {
		sign  results.Sign
		words string
	}{
		{results.Above, "**Hold here**"}, {results.Open, "**Undecided here**"}, {results.Below, "**Do not hold here**"},
	} {
		var effects []string
		for _, c := range claims.Claims {
			if c.Sign() == group.sign {
				effects = append(effects, fmt.Sprintf("%s (%s, %s)", EscapeMarkdown(c.Claim), EscapeMarkdown(c.Corpus), Signed(c.Ours)))
			}
		}
		n := len(effects)
		if n == 0 {
			effects = []string{"none"}
		}
		lines = append(lines, fmt.Sprintf("%s (%d of %d): %s.", group.words, n, len(claims.Claims), strings.Join(effects, "; ")))
	}
	return bullets(lines)
}
