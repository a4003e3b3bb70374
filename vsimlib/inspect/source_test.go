// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/embeddings"
	"vsim/vsimlib/recipe"
)

// opened is the shipped corpus with the preset tiny.
func opened(t *testing.T) *Source {
	t.Helper()
	r, _ := recipe.Preset("tiny")
	s, err := Open(emoji, r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCorpusParts(t *testing.T) {
	parts, err := CorpusParts(emoji)
	if err != nil {
		t.Fatal(err)
	}
	// data/emoji/README.md
	if len(parts) != 4 || parts[0].Records != 1147 || parts[1].Pairs != 12000 || parts[2].Records != 322 ||
		parts[2].Pairs != 2893 || parts[3].Pairs != 0 {
		t.Errorf("parts %+v", parts)
	}
	if _, err := CorpusParts(t.TempDir()); err == nil {
		t.Error("an empty folder is a corpus")
	}
}

func TestVideo(t *testing.T) {
	s := opened(t)
	v, err := s.Video("pairwise", poodle)
	if err != nil || v.Title != poodle || !strings.HasPrefix(v.Words, "贵 (") || v.Frames != "8 frames of 128 float16" ||
		!strings.HasSuffix(v.First, " …") || !strings.Contains(v.Tags, "(") {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := s.Video("pairwise", "no such title"); err == nil || !strings.Contains(err.Error(), "no such title") {
		t.Errorf("a title that no video has: %v", err)
	}
	if _, err := s.Video("pointless", "x"); err == nil {
		t.Error("a part that the corpus lacks")
	}
}

func TestLabelsAndSplits(t *testing.T) {
	pairs, err := opened(t).Corpus.Pairs("pairwise")
	if err != nil {
		t.Fatal(err)
	}
	levels, err := LabelLevels(pairs)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for i, l := range levels {
		total += l.Pairs
		if i > 0 && (l.Label <= levels[i-1].Label || l.Normalized <= levels[i-1].Normalized) {
			t.Errorf("level %+v after %+v", l, levels[i-1])
		}
	}
	if len(levels) != 21 || total != 12000 || levels[0].Normalized != 0 || levels[20].Normalized != 1 {
		t.Errorf("%d levels of %d pairs: %+v", len(levels), total, levels)
	}
	splits := SplitSizes(pairs)
	if len(splits) != 3 {
		t.Fatalf("%+v", splits)
	}
	released, strict := splits[0], splits[1]
	if released.LeakedPairs != 505 || strict.LeakedPairs != 0 || strict.Train+strict.Val+strict.Dropped != 12000 ||
		splits[2].Note == "" || splits[2].Split != competition.SplitComponent {
		t.Errorf("%+v", splits)
	}
}

// TestFrequencyLosses compares with TensorFlow's reader and Python's Counter over the same records.
func TestFrequencyLosses(t *testing.T) {
	by, err := opened(t).frequencyLosses()
	if err != nil || math.Abs(by.tags-0.023906969416016) > 1e-12 || math.Abs(by.frames-3.72029025751062) > 1e-12 || by.tokens < 5 ||
		by.tokens > math.Log(21128) {
		t.Errorf("%+v, %v", by, err)
	}
	shares, err := opened(t).TagShares()
	if err != nil {
		t.Fatal(err)
	}
	entropy := 0.0
	for _, q := range shares {
		entropy += (surprise(q) + surprise(1-q)) / float64(len(shares))
	}
	if math.Abs(entropy-by.tags) > 1e-12 || len(shares) != 663 {
		t.Errorf("the shares of %d tags cost %g", len(shares), entropy)
	}
}

func TestNeighbours(t *testing.T) {
	s := opened(t)
	videos, err := s.Corpus.Part("test_a")
	if err != nil {
		t.Fatal(err)
	}
	// On a circle, at angles that grow with the index: the nearest of i are i±1, then i±2.
	set := &embeddings.Set{IDs: videos.IDs(), Dim: 2}
	index := map[int64]int{}
	for i, id := range set.IDs {
		angle := float64(i) / 400
		set.Data, index[id] = append(set.Data, float32(3*math.Cos(angle)), float32(3*math.Sin(angle))), i
	}
	v, err := videos.Video(100)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Neighbours(set, "test_a", 4, []string{v.Title})
	if err != nil || len(list) != 1 || len(list[0].Neighbours) != 4 || list[0].ID != v.ID {
		t.Fatalf("neighbours: %+v, %v", list, err)
	}
	labels, err := s.labels("test_a")
	if err != nil || len(labels) == 0 {
		t.Fatalf("%d labels, %v", len(labels), err)
	}
	for i, n := range list[0].Neighbours {
		away := index[n.ID] - 100
		if max(away, -away) != 1+i/2 || math.Abs(n.Cosine-math.Cos(float64(away)/400)) > 1e-6 {
			t.Errorf("neighbour %d is %d rows away, cosine %g", i+1, away, n.Cosine)
		}
		if other, err := videos.Video(index[n.ID]); err != nil || n.Title != other.Title || n.Label != labels[ordered(v.ID, n.ID)] {
			t.Errorf("neighbour %d: %+v, %v", i+1, n, err)
		}
	}
	if labels, err := s.labels("test_b"); err != nil || len(labels) != 0 {
		t.Errorf("a part without a label file: %d labels, %v", len(labels), err)
	}
	set.IDs[100] = 1
	if _, err := s.Neighbours(set, "test_a", 4, []string{v.Title}); err == nil ||
		!strings.Contains(err.Error(), "run the cell that embeds again") {
		t.Errorf("embeddings of other videos: %v", err)
	}
}

// TestWriteModality reads back videos with one modality of them alone.
func TestWriteModality(t *testing.T) {
	set, err := opened(t).Corpus.Part(competition.TestA)
	if err != nil {
		t.Fatal(err)
	}
	for m, want := range map[modality][2]bool{wholeVideo: {true, true}, onlyTitle: {true, false}, onlyFrames: {false, true}} {
		path := filepath.Join(t.TempDir(), "side.tfrecords")
		if err := writeModality(path, set, m); err != nil {
			t.Fatal(err)
		}
		got, err := corpus.OpenRecords(path)
		if err != nil || got.Len() != set.Len() {
			t.Fatalf("%s: %d videos, %v", m, got.Len(), err)
		}
		v, err := got.Video(7)
		if err != nil || v.ID != set.ID(7) || (v.Title != "") != want[0] || (v.NumFrames > 0) != want[1] || v.Tags != nil {
			t.Errorf("%s: %+v, %v", m, v, err)
		}
	}
}

// TestTraining describes a minibatch twice, with packing and without, and counts masks.
func TestTraining(t *testing.T) {
	s := opened(t)
	b, err := s.Minibatch()
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Minibatch()
	if err != nil || b.Titles[3] != again.Titles[3] || len(b.Segment) == 0 || b.Count.Videos != s.Recipe.Pretrain.Batch {
		t.Errorf("%+v, then %+v, %v", b.Count, again.Count, err)
	}
	shares, err := s.Masking(2)
	if err != nil || len(shares) != 5 || shares[0].Of < 5000 {
		t.Errorf("%+v, %v", shares, err)
	}
	sizes, err := s.Parameters()
	if err != nil || sizes[len(sizes)-1].Paper < 360_000_000 || sizes[len(sizes)-1].Parameters > 3_000_000 {
		t.Errorf("%+v, %v", sizes, err)
	}
	padding := s.Recipe
	padding.Model.Pooling = "mean"
	s.Recipe = padding
	if padded, err := s.Minibatch(); err != nil || padded.Segment != nil || padded.Count.Chosen != b.Count.Chosen {
		t.Errorf("with padding %+v, %v", padded.Count, err)
	}
}
