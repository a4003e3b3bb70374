// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/plots/figure"
	"vsim/vsimlib/plots/studyplots"
)

// TestCommittedFigures draws every figure whose data is committed, and finds the committed figure byte for byte.
func TestCommittedFigures(t *testing.T) {
	if testing.Short() {
		t.Skip("draws 19 figures")
	}
	results, committed := filepath.Join("..", "..", "data", "results"), filepath.Join("..", "..", "figures")
	file := func(name string) string { return filepath.Join(results, name+".json") }
	figures := map[string]figure.Figure{
		"finetuning_labels": Labels(file("finetuning")), "minibatch_masks": Masks(file("minibatch")),
		"minibatch_packed": Packed(file("minibatch")),
		"model_attention":  Attention(file("model")), "quickstart_scores": Scores(file("quickstart")),
		"record_frames": Frames(file("record")),
	}
	tables, err := filepath.Glob(file("study-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(table), "study-"), ".json")
		if name == "claims" {
			continue
		}
		list, err := studyplots.Study(table)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range list {
			ending := strings.TrimPrefix(f.Name, list[0].Name[:len(list[0].Name)-len("-cells")])
			if _, err := os.Stat(filepath.Join(committed, "study_"+name+ending+".png")); err != nil && i == 0 && len(list) > 1 {
				continue // drawn along its axis instead
			}
			figures["study_"+name+ending] = f.Figure
		}
	}
	if len(figures) != 24 {
		t.Errorf("%d figures, want 24", len(figures))
	}
	out := t.TempDir()
	for name, figure := range figures {
		if _, _, err := figure.Write(out, name); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, extension := range []string{".png", ".svg", ".csv"} {
			drawn := name + extension
			if filetest.Content(t, filepath.Join(out, drawn)) != filetest.Content(t, filepath.Join(committed, drawn)) {
				t.Errorf("%s differs from the committed one", drawn)
			}
		}
	}
}
