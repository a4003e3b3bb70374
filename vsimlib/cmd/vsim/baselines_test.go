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
	bad := writeText(t, filepath.Join(t.TempDir(), "bad.tsv"), "1\t2\t0.5\n1\t3\t0.1\n")
	vsim(t, "baselines", "--records", records, "--labels", bad).failed(exitFailed, "id 1 of a pair", "bad.tsv")
}
