// SPDX-License-Identifier: Apache-2.0

package studies

import (
	"fmt"
	"slices"
	"strings"

	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/workspace"
)

// Claims compares the published effects with the saved tables of named studies, on every corpus that they were run on, and saves
// the verdicts as study-claims.json. Studies that were not run at this scale are left out.
func Claims(w workspace.Workspace, names []string) (results.Claims, error) {
	claims := results.Claims{Scale: w.Scale}
	for _, name := range names {
		if !slices.Contains(study.Names(), name) {
			return claims, study.Unknown(name)
		}
		for _, file := range []string{name, name + "-emoji"} {
			t, _, err := w.StudyTable(file)
			if err != nil {
				return claims, err
			}
			if t == nil || t.Scale != w.Scale { // a committed one among those of another scale
				continue
			}
			claims.Claims = append(claims.Claims, study.Claims(t, file)...)
		}
	}
	if len(claims.Claims) == 0 {
		return claims, fmt.Errorf("none of the studies %s has a table that tests a published effect; run the cells above first",
			strings.Join(names, ", "))
	}
	return claims, w.WriteResults("study-claims", claims)
}
