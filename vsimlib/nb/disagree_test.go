// SPDX-License-Identifier: Apache-2.0

package nb

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
)

// TestDispute takes four pairs of which title and frames agree on two.
func TestDispute(t *testing.T) {
	pairs := []corpus.Pair{{A: 1, B: 2, Score: 1}, {A: 3, B: 4, Score: 0}, {A: 5, B: 6, Score: 0.5}, {A: 1, B: 7, Score: 0.25}}
	d, err := disputeOf(pairs, [3][]float64{{0.9, 0.1, 0.5, 0.2}, {0.9, 0.1, 0.5, 0.6}, {-0.3, 0.8, 0.5, 0.6}})
	if err != nil {
		t.Fatal(err)
	}
	// Ranks by title 3 0 1 2, by frames 0 3 1 2, of three: the first pair is 1 above, the second 1 below, the others agree.
	if d.Both != 1 || d.TitleAlike != (Side{Pairs: 1, MeanLabel: 1}) || d.FramesAlike != (Side{Pairs: 1}) || d.Pairs != 4 || math.Abs(d.Frames+1) > 0.3 {
		t.Errorf("%+v", d)
	}
	var order []string
	for _, p := range d.Shown {
		order = append(order, p.Pair)
	}
	// The pair 1, 7 shares a clip with 1, 2, so row A leaves it out; row B begins with 3, 4.
	if got := strings.Join(order, " "); got != "A1 A2 A3 B1 B2 B3" || d.Shown[0].IDs != [2]int64{1, 2} || d.Shown[3].IDs != [2]int64{3, 4} || d.Shown[0].Title != 0.9 {
		t.Errorf("%s: %+v", got, d.Shown)
	}
	if _, err := disputeOf(pairs, [3][]float64{{1, 1, 1, 1}, {1, 2, 3, 4}, {1, 2, 3, 4}}); err == nil {
		t.Error("cosines that are all the same have an order")
	}
}

// TestWriteSide reads back clips with one side of them alone.
func TestWriteSide(t *testing.T) {
	p := settle(t)
	c, err := corpus.Open(p.corpus)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.Part(testPart)
	if err != nil {
		t.Fatal(err)
	}
	for side, want := range map[string][2]bool{"whole": {true, true}, "title": {true, false}, "frames": {false, true}} {
		path := filepath.Join(t.TempDir(), "side.tfrecords")
		if err := writeSide(path, set, side); err != nil {
			t.Fatal(err)
		}
		got, err := corpus.OpenRecords(path)
		if err != nil || got.Len() != set.Len() {
			t.Fatalf("%s: %d clips, %v", side, got.Len(), err)
		}
		v, err := got.Video(7)
		if err != nil || v.ID != set.ID(7) || (v.Title != "") != want[0] || (v.NumFrames > 0) != want[1] || v.Tags != nil {
			t.Errorf("%s: %+v, %v", side, v, err)
		}
	}
}

func TestDrawDispute(t *testing.T) {
	data, err := drawDispute([]Disputed{{Pair: "A1", IDs: [2]int64{1, 2}}, {Pair: "B5"}}, thumbs{sheet: image.NewRGBA(image.Rect(0, 0, 64, 64)), place: map[int64]int{1: 0}})
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() != marginLeft+disputed*pairWidth {
		t.Errorf("%v", err)
	}
}

func TestLabelsAndSplits(t *testing.T) {
	settle(t)
	levels, err := LabelLevels("f")
	if err != nil {
		t.Fatal(err)
	}
	pairs := 0
	for i, l := range levels {
		pairs += l.Pairs
		if i > 0 && (l.Label <= levels[i-1].Label || l.Normalized <= levels[i-1].Normalized) {
			t.Errorf("level %+v after %+v", l, levels[i-1])
		}
	}
	if len(levels) != 21 || pairs != 12000 || levels[0].Normalized != 0 || levels[20].Normalized != 1 {
		t.Errorf("%d levels of %d pairs: %+v", len(levels), pairs, levels)
	}
	splits, err := Splits("f")
	if err != nil || len(splits) != 3 {
		t.Fatalf("%+v, %v", splits, err)
	}
	released, strict := splits[0], splits[1]
	if released.LeakedPairs != 505 || strict.LeakedPairs != 0 || strict.Train+strict.Val+strict.Dropped != 12000 || splits[2].Note == "" || splits[2].Split != competition.SplitComponent {
		t.Errorf("%+v", splits)
	}
}

func TestLeakTable(t *testing.T) {
	p := settle(t)
	pretend(t, p, "one", 1, competition.SplitReleased)
	pretend(t, p, "two", 2, competition.SplitStrict)
	list, err := Leaks("f", "one", "two")
	if err != nil || len(list) != 2 || list[0].Test == list[1].Test || list[0].Train != 640 {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := Leaks("f", "three"); err == nil || !strings.Contains(err.Error(), "run the cell") {
		t.Errorf("a model that is not there: %v", err)
	}
}

// TestGuesses compares with TensorFlow's reader and Python's Counter over the same records.
func TestGuesses(t *testing.T) {
	settle(t)
	s, err := sourceOfPreset()
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := s.pretrained(true)
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.guesses(all)
	if err != nil || math.Abs(g.tags-0.023906969416016) > 1e-12 || math.Abs(g.frames-3.72029025751062) > 1e-12 || g.words < 5 || g.words > math.Log(21128) {
		t.Errorf("%+v, %v", g, err)
	}
}
