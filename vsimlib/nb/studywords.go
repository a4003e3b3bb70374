// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"fmt"
	"strings"

	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/workspace"
)

// StudySummary says in words what the saved table of a study holds.
func StudySummary(name string, on ...On) (View, error) {
	s, err := studyOf(name, on)
	if err != nil {
		return nil, err
	}
	table, _, err := s.saved()
	switch {
	case err != nil:
		return nil, err
	case table == nil:
		return View{markdownView(s.missing())}, nil
	}
	return View{markdownView(report.StudySummary(table, study.Claims(table, s.name)))}, nil
}

// Claims compares the published effects with the saved tables of studies, on every corpus that they were run on, and saves the
// verdicts as results/study-claims.json. Studies that were not run at this scale are left out.
func Claims(names ...string) (View, error) {
	w, err := workspace.Open()
	if err != nil {
		return nil, err
	}
	claims := results.Claims{Scale: w.Scale}
	for _, name := range names {
		for _, on := range []On{OnControlled, OnEmoji} {
			s, err := studyOf(name, []On{on})
			if err != nil {
				return nil, err
			}
			t, _, err := s.saved()
			if err != nil {
				return nil, err
			}
			if t == nil || t.Scale != w.Scale { // a committed one among those of another scale
				continue
			}
			claims.Claims = append(claims.Claims, study.Claims(t, s.name)...)
		}
	}
	if len(claims.Claims) == 0 {
		return nil, fmt.Errorf("none of the studies %s has a table that tests a published effect; run the cells above first",
			strings.Join(names, ", "))
	}
	if err := w.WriteResults("study-claims", claims); err != nil {
		return nil, err
	}
	return View{tableView{report.ClaimsTable(claims.Claims)}, markdownView(report.ClaimsSummary(claims))}, nil
}
