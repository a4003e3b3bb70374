// SPDX-License-Identifier: Apache-2.0

package picked

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

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
		got, err := os.ReadFile(filepath.Join(out, "pretraining_frames"+extension))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", "..", "..", "figures", "pretraining_frames"+extension))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("pretraining_frames%s differs from the committed one (%v)", extension, err)
		}
	}
}
