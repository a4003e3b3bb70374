// SPDX-License-Identifier: Apache-2.0

package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/results"
)

// TestCommittedStudies writes the document of every committed study table, and finds the committed one.
func TestCommittedStudies(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "data", "results", "study-*.json"))
	if err != nil || len(files) < 9 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "claims.json") {
			continue
		}
		table, err := results.ReadTable(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ".md")
		if err != nil {
			t.Fatal(err)
		}
		if got := StudyMarkdown(table); got != string(want) {
			t.Errorf("the document of %s would be\n%s", file, got)
		}
	}
}
