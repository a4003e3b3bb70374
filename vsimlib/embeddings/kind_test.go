// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"os"
	"path/filepath"
	"testing"

	"vsim/vsimlib/outdir"
	"vsim/vsimlib/safetensors"
)

// TestKind recognises embeddings files, also of shards, of Python and cut off, and no other safetensors file.
func TestKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e")
	set := &Set{IDs: []int64{1, 2}, Dim: 2, Data: []float32{1, 2, 3, 4}}
	origin := OriginOf(Job{Model: "a", Records: "b", Batch: 64}, "1")
	if err := set.WriteFrom(path, origin, map[string]string{"note": "text"}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, whole.Size()-3); err != nil {
		t.Fatal(err)
	}
	for _, path := range append(shardFiles(t, threeShards()), path, "testdata/python.safetensors") {
		if err := outdir.CheckFile(path, Kind); err != nil {
			t.Error(err)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	other := []safetensors.Tensor{safetensors.FromInt64("embeddings.ids", []int{1}, []int64{1})}
	if err := safetensors.Write(f, other, nil); err != nil {
		t.Fatal(err)
	}
	if err := outdir.CheckFile(path, Kind); err == nil || err.Error() != path+": is no embeddings file of vsim; use another path" {
		t.Errorf("a model: %v", err)
	}
}
