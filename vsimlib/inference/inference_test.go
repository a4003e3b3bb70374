// SPDX-License-Identifier: Apache-2.0

package inference

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"vsim/vsimlib/backends/backendstest"
	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/recipe"
	"vsim/vsimlib/tfrecord"
)

// The shipped test_a: 322 records, so every batch size leaves a rest.
var (
	emoji   = filepath.Join("..", "..", "data", "emoji")
	records = filepath.Join(emoji, "test_a", "test_a.tfrecords")
)

func freshModel(t *testing.T, frameDim int) string {
	t.Helper()
	return modelOf(t, func(c *recipe.Model) { c.FrameDim = frameDim })
}

// modelOf saves a small model with fresh weights, changed by change.
func modelOf(t *testing.T, change func(*recipe.Model)) string {
	t.Helper()
	c := recipe.Model{VocabSize: 21128, HiddenSize: 12, NumHiddenLayers: 1, NumAttentionHeads: 3, IntermediateSize: 20,
		MaxPositionEmbeddings: 32,
		TypeVocabSize:         2, LayerNormEps: 1e-12, FrameDim: 128, MaxFrames: 5, MaxText: 9, NumTags: 7, EmbeddingDim: 6,
		Layout: competition.LayoutCLSFirst, Pooling: recipe.Mean, TagInput: recipe.TagCLS, InitializerRange: 0.2}
	change(&c)
	store, err := multimodal.NewStore(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := multimodal.Weights(c, store)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "model")
	if err := multimodal.Save(dir, c, weights, filepath.Join(emoji, "vocab.txt")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func embedAll(t *testing.T, o Options) (*embeddings.Set, Result, error) {
	t.Helper()
	o.Backend, o.Out = backendstest.Go(t), filepath.Join(t.TempDir(), "e.safetensors")
	result, err := Run(context.Background(), o)
	if err != nil {
		if _, e := os.Stat(o.Out); !os.IsNotExist(e) {
			t.Error("a failed run left a file")
		}
		return nil, result, err
	}
	set, err := embeddings.Read(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	return set, result, nil
}

// TestRun embeds every record in its order, unit rows, the same whatever the batch.
func TestRun(t *testing.T) {
	dir := freshModel(t, 128)
	last := 0
	small, result, err := embedAll(t,
		Options{Model: dir, Records: []string{records}, Batch: 37, Report: func(done, _ int) { last = done }})
	if err != nil {
		t.Fatal(err)
	}
	set, err := corpus.OpenRecords(records)
	if err != nil {
		t.Fatal(err)
	}
	if result.Videos != 322 || len(small.IDs) != 322 || small.Dim != 6 || last != 322 {
		t.Fatalf("%d videos, %d ids of %d floats, reported %d", result.Videos, len(small.IDs), small.Dim, last)
	}
	for i, id := range small.IDs {
		if id != set.ID(i) {
			t.Fatalf("row %d is video %d, want %d", i, id, set.ID(i))
		}
		norm := 0.0
		for _, x := range small.Row(i) {
			norm += float64(x) * float64(x)
		}
		if math.Abs(norm-1) > 1e-5 {
			t.Fatalf("row %d has length %g", i, math.Sqrt(norm))
		}
	}
	large, _, err := embedAll(t, Options{Model: dir, Records: []string{records}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range large.Data {
		if d := math.Abs(float64(large.Data[i] - small.Data[i])); d > 1e-6 {
			t.Fatalf("value %d differs by %g between batch sizes", i, d)
		}
	}
}

// TestDoneBefore: an embedding is done whether a CPU or a GPU made it, whose programs have other numbers.
func TestDoneBefore(t *testing.T) {
	dir := freshModel(t, 128)
	for name, backend := range map[string]compute.Backend{"CPU": backendstest.Go(t), "GPU": backendstest.AsCUDA(backendstest.Go(t))} {
		o := Options{Model: dir, Records: []string{records}, Backend: backend, Out: filepath.Join(t.TempDir(), "e.safetensors")}
		made, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		o.Backend = nil
		if again, err := DoneBefore(t.Context(), o); err != nil || again.Videos != made.Videos {
			t.Errorf("%s: %d of %d videos, %v", name, again.Videos, made.Videos, err)
		}
	}
}

// TestLargeBatch: a batch has at most the videos that there are.
func TestLargeBatch(t *testing.T) {
	dir := freshModel(t, 128)
	want, _, err := embedAll(t, Options{Model: dir, Records: []string{records}, Batch: 322})
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := embedAll(t, Options{Model: dir, Records: []string{records}, Batch: math.MaxInt})
	if err != nil || !slices.Equal(got.Data, want.Data) {
		t.Errorf("%v, or other embeddings", err)
	}
}

func TestRunRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"frame width":  {Model: freshModel(t, 64), Records: []string{records}},
		"no model":     {Model: "nowhere", Records: []string{records}},
		"no records":   {Model: freshModel(t, 128), Records: []string{"nowhere.tfrecords"}},
		"repeated ids": {Model: freshModel(t, 128), Records: []string{records, records}},
	} {
		_, _, err := embedAll(t, o)
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", name, err)
		}
	}
}

// TestZeroFrames: a video of zeros alone, without a title, and one without frames have embeddings of length one.
func TestZeroFrames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zero.tfrecords")
	var b bytes.Buffer
	w := tfrecord.NewWriter(&b)
	for id, frames := range []int{2, 0} {
		record, err := corpus.AppendVideo(nil, corpus.Video{ID: int64(id), NumFrames: frames, Frames: make([]byte, frames*2*128)}, false)
		if err == nil {
			err = w.Write(record)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	set, _, err := embedAll(t, Options{Model: freshModel(t, 128), Records: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range set.IDs {
		norm := 0.
		for _, x := range set.Row(i) {
			norm += float64(x) * float64(x)
		}
		if !(math.Abs(norm-1) < 1e-5) {
			t.Errorf("row %d has length %g", i, math.Sqrt(norm))
		}
	}
}
