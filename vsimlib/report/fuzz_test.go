// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"strings"
	"testing"

	"vsim/vsimlib/results"
)

// FuzzStudy: a study's table from any JSON is rendered, and nothing of it is markup or steers a terminal.
func FuzzStudy(f *testing.F) {
	for _, s := range []string{"{}", `{"study":"x","cells":[{"label":"a","scores":[0.5]}],"baseline":"a","seeds":[1,2]}`,
		`{"study":"<script>","question":"\u001b[2J","cells":[{}],"ensembles":{"joined":[{}]}}`, `{"cells":null,"ensembles":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var table results.Table
		if json.Unmarshal(data, &table) != nil {
			return
		}
		html := StudyCaption(&table)
		for _, part := range StudyTables(&table) {
			html += part.HTML()
			part.Markdown()
		}
		if strings.Contains(html, "<script") || strings.ContainsAny(html, "\x1b\u202e") {
			t.Errorf("%q", html)
		}
		if text := StudyMarkdown(&table); strings.ContainsAny(text, "<\x1b\u202e") {
			t.Errorf("%q", text)
		}
	})
}
