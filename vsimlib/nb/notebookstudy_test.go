// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vsim/vsimlib/plots/studyplots"
	"vsim/vsimlib/report"
	"vsim/vsimlib/results"
	"vsim/vsimlib/study"
	"vsim/vsimlib/study/prediction"
	"vsim/vsimlib/workspace"
)

var studyCall = regexp.MustCompile(`nb\.(Study|Grid|Collect|StudySummary)\("([^"]+)"(, nb\.OnEmoji)?`)

// studyFaults makes what cells show of a study anew from its saved table, and looks for it among what is shown.
func studyFaults(nb notebook, shown map[string]bool) []string {
	var list []string
	for _, c := range nb.code() {
		for _, call := range studyCall.FindAllStringSubmatch(string(c.Source), -1) {
			if !slices.Contains(study.Names(), call[2]) {
				continue // an own grid, whose results are not committed
			}
			expected, err := studyShown(call[1], call[2], call[3] != "")
			if err != nil {
				list = append(list, fmt.Sprintf("cell %s: %v", c.ID, err))
			}
			for what, text := range expected {
				if !shown[strings.TrimSpace(text)] {
					list = append(list, fmt.Sprintf("cell %s does not show %s of the study %s", c.ID, what, call[2]))
				}
			}
		}
	}
	return list
}

// claimsFaults looks for the saved claims where a cell shows some.
func claimsFaults(nb notebook, w workspace.Workspace, shown map[string]bool) []string {
	var list []string
	for _, c := range nb.code() {
		if !strings.Contains(string(c.Source), "nb.Claims(") {
			continue
		}
		var kept results.Claims
		if err := w.ReadResults("study-claims", &kept); err != nil || kept.Scale != w.Scale {
			list = append(list, fmt.Sprintf("study-claims.json is of scale %q, want %s (%v)", kept.Scale, w.Scale, err))
			continue
		}
		if !shown[report.ClaimsTable(kept.Claims).HTML()] || !shown[report.ClaimsSummary(kept)] {
			list = append(list, fmt.Sprintf("cell %s does not show the claims of study-claims.json", c.ID))
		}
	}
	return list
}

// studyShown is what a call shows of the study's saved table, or that there is none.
func studyShown(call, name string, emoji bool) (map[string]string, error) {
	on := OnControlled
	if emoji {
		on = OnEmoji
	}
	s, err := studyOf(name, []StudyOption{on})
	if err != nil {
		return nil, err
	}
	t, file, err := s.StudyTable(s.Name)
	if err != nil {
		return nil, err
	}
	switch {
	case t == nil:
		return map[string]string{"what is missing": s.Missing()}, nil
	case call == "StudySummary":
		return map[string]string{"the summary": prediction.Summary(t, s.Name)}, nil
	}
	expected := map[string]string{"the caption": report.StudyCaption(t)}
	for i, shown := range report.StudyTables(t) {
		expected[fmt.Sprintf("table %d", i+1)] = shown.HTML()
	}
	figures, err := studyplots.Study(file)
	if err != nil {
		return nil, err
	}
	for _, f := range figures {
		ending := strings.TrimPrefix(f.Name, t.Study)
		if ending == "-cells" && t.Axis != nil {
			continue
		}
		png, err := os.ReadFile(filepath.Join(s.Figures, "study_"+s.Name+ending+".png"))
		if err != nil {
			return nil, err
		}
		expected["the figure "+f.Name] = base64.StdEncoding.EncodeToString(png)
	}
	return expected, nil
}
