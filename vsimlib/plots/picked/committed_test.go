// SPDX-License-Identifier: Apache-2.0

package picked

import (
	"path/filepath"
	"testing"

	"vsim/vsimlib/filetest"
	"vsim/vsimlib/results"
)

// TestCommittedFigure draws the figure of notebook 04 from its committed results, byte for byte.
func TestCommittedFigure(t *testing.T) {
	var p results.Picked
	if err := results.ReadKey(filepath.Join("..", "..", "..", "data", "results", "pretraining.json"), "picked", &p); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if _, _, err := Figure(p).Write(out, "pretraining_frames"); err != nil {
		t.Fatal(err)
	}
	for _, extension := range []string{".png", ".svg", ".csv"} {
		name := "pretraining_frames" + extension
		if filetest.Content(t, filepath.Join(out, name)) != filetest.Content(t, filepath.Join("..", "..", "..", "figures", name)) {
			t.Errorf("%s differs from the committed one", name)
		}
	}
}
