// SPDX-License-Identifier: Apache-2.0

package submit

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"

	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/outdir"
)

// TestKind recognises submissions, and no other archive.
func TestKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.zip")
	set := &embeddings.Set{IDs: []int64{1}, Dim: 1, Data: []float32{1}}
	if _, err := Write(path, set, recordsOf(t, 1)); err != nil {
		t.Fatal(err)
	}
	if err := outdir.CheckFile(path, Kind); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"results.json", "result.json.txt", "a"} {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		z := zip.NewWriter(f)
		if _, err := z.Create(name); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		f.Close()
		if err := outdir.CheckFile(path, Kind); err == nil ||
			err.Error() != path+": is a ZIP archive, no submission of vsim; use another path" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
