// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"vsim/vsimlib/jsonfile"
)

// TestCommittedSweep decodes the committed sweep, without a field that the type lacks, and writes both of its files as they are.
func TestCommittedSweep(t *testing.T) {
	committed := filepath.Join("..", "..", "data", "results")
	var s Sweep
	if err := jsonfile.ReadStrict(filepath.Join(committed, "sweep.json"), &s); err != nil {
		t.Fatal(err)
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := s.Markdown(&table); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"sweep.json": append(data, '\n'), "sweep.md": table.Bytes()} {
		want, err := os.ReadFile(filepath.Join(committed, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s would be\n%s", name, got)
		}
	}
}
