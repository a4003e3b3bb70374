// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestBaselines: the shipped test part has three baselines; its records have no tags.
func TestBaselines(t *testing.T) {
	records, labels := "../../../data/emoji/test_a/test_a.tfrecords", "../../../data/emoji/test_a/label.tsv"
	o := vsim(t, "baselines", "--records", records, "--labels", labels, "--json").ended(exitDone)
	list, ok := o.has("pairs", "baselines")["baselines"].([]any)
	if !ok || len(list) != 3 {
		t.Fatalf("baselines %s", o.out)
	}
	near(t, "frames", list[0].(map[string]any)["spearman"], .3973, 5e-5)
	text := vsim(t, "baselines", "--records", records, "--labels", labels).ended(exitDone).out
	if !strings.Contains(text, "cosine of mean frames") || !strings.Contains(text, "0.3973 ± 0.0337") {
		t.Errorf("text %s", text)
	}
	itself := writeText(t, filepath.Join(t.TempDir(), "itself.tsv"),
		"8406860629037856874\t8406860629037856874\t0.5\n2307454875419872268\t2307454875419872268\t0.1\n")
	none := []string{"baselines", "--records", records, "--labels", itself}
	if list, ok := here(t, append(none, "--json")...).ended(exitDone).object()["baselines"].([]any); !ok || len(list) != 0 {
		t.Errorf("pairs that all baselines give the same value: %v", list)
	}
	if text := here(t, none...).ended(exitDone).out; !strings.Contains(text, "none has a score") {
		t.Errorf("text %s", text)
	}
	bad := writeText(t, filepath.Join(t.TempDir(), "bad.tsv"), "1\t2\t0.5\n1\t3\t0.1\n")
	vsim(t, "baselines", "--records", records, "--labels", bad).failed(exitFailed, "id 1 of a pair", "bad.tsv")
}
