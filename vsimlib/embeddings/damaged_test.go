// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/filetest"
)

// TestDamagedFile damages an embeddings file at random, an ensemble's or a shard's: it is not read, and the error names it.
func TestDamagedFile(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 5))
	set := &Set{Dim: 8}
	for id := range 40 {
		set.IDs = append(set.IDs, int64(id))
		for range set.Dim {
			set.Data = append(set.Data, r.Float32())
		}
	}
	origin := EnsembleOrigin([]*Set{set}, nil, 8)
	shard := &Shard{Set: *set, Index: 1, Job: Job{Of: 1, Videos: 40, Batch: 64, Model: "m", Records: "r"}}
	for id := range set.IDs {
		shard.Places = append(shard.Places, int64(id))
	}
	for n := range 60 {
		path := filepath.Join(t.TempDir(), "e.safetensors")
		err := shard.Write(path)
		if n%2 == 0 {
			err = set.WriteFrom(path, origin, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		what := filetest.Damage(t, r, path)
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
