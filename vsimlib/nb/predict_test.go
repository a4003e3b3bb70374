// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/multimodal"
	"vsim/vsimlib/results"
	"vsim/vsimlib/workspace"
	"vsim/vsimlib/workspace/looks"
)

// pretendModel writes a model of fresh weights where pretraining leaves its model.
func pretendModel(t *testing.T, w workspace.Workspace, name string) {
	t.Helper()
	_, s, err := looks.Preset()
	if err != nil {
		t.Fatal(err)
	}
	store, err := multimodal.NewStore(s.Recipe.Model, 1)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := multimodal.Weights(s.Recipe.Model, store)
	if err != nil {
		t.Fatal(err)
	}
	dir := Run(name, workspace.Pretrain).Model()
	if err := multimodal.Save(dir, s.Recipe.Model, weights, filepath.Join(w.Corpus, "vocab.txt")); err != nil {
		t.Fatal(err)
	}
}

// TestPredictions shows what a model of fresh weights predicts, and reads it back from the results file.
func TestPredictions(t *testing.T) {
	w := settle(t)
	if _, err := FillIn("r", "one", "test_a", "狐狸"); err == nil || !strings.Contains(err.Error(), "the cell that pretrains it first") {
		t.Errorf("no model: %v", err)
	}
	pretendModel(t, w, "one")
	filled, err := FillIn("r", "one", "test_a", "狐狸", "公交车")
	if err != nil || len(filled[0].(tableView).Rows) != 5 || filled[0].(tableView).Rows[1][1].Text != "狐 [MASK]" {
		t.Errorf("filled in: %+v, %v", filled, err)
	}
	picked, err := PickFrames("r", "frames", "one", "test_a")
	if err != nil || len(picked) != 2 || len(picked[0].(pictureView).alt) < 100 || len(picked[1].(tableView).Rows) != 5 {
		t.Errorf("picked: %+v, %v", picked, err)
	}
	tags, err := PredictTags("r", "one", "pairwise", "贵宾犬")
	if err != nil || len(tags[0].(tableView).Rows) < 6 {
		t.Errorf("tags: %+v, %v", tags, err)
	}
	var kept struct {
		Filled []results.Filled
		Picked results.Picked
		Tags   []results.TagGuess
	}
	if err := w.ReadResults("r", &kept); err != nil || len(kept.Filled) != 2 || kept.Filled[1].Part != "test_a" ||
		len(kept.Picked.Hidden) != kept.Picked.Summary.Hidden || kept.Picked.Part != "test_a" || kept.Tags[0].Rank != 1 {
		t.Errorf("kept %+v, %v", kept, err)
	}
	for _, call := range []func() (View, error){
		func() (View, error) { return FillIn("r", "one", "test_a") },
		func() (View, error) { return FillIn("r", "one", "test_a", "no such title") },
		func() (View, error) { return PredictTags("r", "one", "pairwise", "no such title") },
		func() (View, error) { return PickFrames("r", "frames", "one", "no such part") },
		func() (View, error) { return PickFrames("r", "../frames", "one", "test_a") },
		func() (View, error) { return EmbeddingMap("map", "one", "test_a") },
	} {
		if view, err := call(); err == nil {
			t.Errorf("no error: %+v", view)
		}
	}
}

// TestEmbeddingMap draws a map of made-up embeddings.
func TestEmbeddingMap(t *testing.T) {
	w := settle(t)
	pretend(t, w, "one", 1, competition.SplitReleased)
	view, err := EmbeddingMap("map", "one", "test_a")
	if err != nil || len(view) != 1 || !strings.Contains(view[0].(pictureView).alt, "322 clips of test_a") {
		t.Fatalf("%+v, %v", view, err)
	}
	data, err := os.ReadFile(filepath.Join(w.Figures, "map.png"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
	numbers, err := os.ReadFile(filepath.Join(w.Figures, "map.csv"))
	set, setErr := corpus.OpenRecords(filepath.Join(w.Corpus, "test_a", "test_a.tfrecords"))
	if err != nil || setErr != nil || strings.Count(string(numbers), "\n") != set.Len()+1 {
		t.Errorf("%d lines of numbers, %v, %v", strings.Count(string(numbers), "\n"), err, setErr)
	}
}
