// SPDX-License-Identifier: Apache-2.0

package embeddings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestDoneBefore recognises a file by its origin, and says in what another differs.
func TestDoneBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e")
	hash := func(letter string) string { return strings.Repeat(letter, 64) }
	job := func(change func(*Job)) Job {
		j := Job{Model: hash("a"), Records: hash("b"), Batch: 64, DType: "float32"}
		change(&j)
		return j
	}
	own := OriginOf(job(func(*Job) {}), "1")
	if _, err := DoneBefore(path, own); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	set := &Set{IDs: []int64{1, 2}, Dim: 2, Data: []float32{1, 2, 3, 4}}
	if err := set.WriteFrom(path, own, map[string]string{"note": "text"}); err != nil {
		t.Fatal(err)
	}
	before, err := DoneBefore(path, own)
	if err != nil || !reflect.DeepEqual(before.Set, set) || before.Notes["note"] != "text" {
		t.Fatalf("%+v, %v", before, err)
	}
	shard := &Shard{Index: 1, Job: Job{Of: 2, Model: hash("a"), Records: hash("b"), Batch: 64}}
	other := &Set{IDs: []int64{1, 2}, Dim: 2, Data: []float32{1, 2, 3, 5}}
	joined := EnsembleOrigin([]*Set{set, other}, nil, 2)
	for want, o := range map[string]Origin{
		"was made from another model and exists":         OriginOf(job(func(j *Job) { j.Model = hash("c") }), "1"),
		"was made from other records and exists":         OriginOf(job(func(j *Job) { j.Records = hash("c") }), "1"),
		"was made with arithmetic 1, not 2, and":         OriginOf(job(func(*Job) {}), "2"),
		"was made with batch 64, not 7, and":             OriginOf(job(func(j *Job) { j.Batch = 7 }), "1"),
		"was made with dtype float32, not bfloat16, and": OriginOf(job(func(j *Job) { j.DType = "bfloat16" }), "1"),
		"is another kind of embeddings file":             joined,
		"(a model's, of all records)":                    shard.Origin(),
	} {
		if _, err := DoneBefore(path, o); !errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), path+": ") ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := set.WriteFrom(path, OriginOf(job(func(j *Job) { j.DType = "" }), "1"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := DoneBefore(path, own); err != nil {
		t.Errorf("a file of a version that did not write the type: %v", err)
	}
	if err := set.WriteFrom(path, joined, nil); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		o    Origin
		want string
	}{
		"the same":        {EnsembleOrigin([]*Set{set, other}, []float64{2, 2}, 2), ""},
		"another order":   {EnsembleOrigin([]*Set{other, set}, nil, 2), "other embeddings"},
		"another weight":  {EnsembleOrigin([]*Set{set, other}, []float64{1, 3}, 2), "weights equal, not 0.25 0.75"},
		"another dim":     {EnsembleOrigin([]*Set{set, other}, nil, 3), "dim 2, not 3"},
		"of a model":      {own, "(an ensemble)"},
		"only one of two": {EnsembleOrigin([]*Set{set}, nil, 2), "other embeddings"},
	} {
		if _, err := DoneBefore(path, c.o); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
	if err := set.Write(path); err != nil {
		t.Fatal(err)
	}
	if _, err := DoneBefore(path, own); !errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), "does not say what") {
		t.Errorf("an older version's: %v", err)
	}
	if err := os.WriteFile(path, []byte("a user's text"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := DoneBefore(path, own); !errors.Is(err, ErrDiffers) || !strings.HasSuffix(err.Error(), "; it exists") {
		t.Errorf("another file: %v", err)
	}
}
