// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"math"
	"testing"

	"vsim/vsimlib/corpus"
)

// TestScores: the figures of an implementation in numpy and scipy on the corpus that ships, to their three digits.
func TestScores(t *testing.T) {
	c, err := corpus.Open("../../data/emoji")
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]map[string]float64{
		"test_a":   {Frames: .397, Titles: .432, Ranks: .476},
		"pairwise": {Frames: .388, Titles: .466, Ranks: .490, Tags: .583},
	} {
		videos, err := c.Part(part)
		if err != nil {
			t.Fatal(err)
		}
		pairs, err := c.Pairs(part)
		if err != nil {
			t.Fatal(err)
		}
		list, err := Scores(videos, pairs)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != len(want) {
			t.Errorf("%s: %d baselines, want %d", part, len(list), len(want))
		}
		for _, b := range list {
			if math.Abs(b.Spearman-want[b.Name]) > 6e-4 || !(b.Error > .01 && b.Error < .05) {
				t.Errorf("%s, %s: %.4f ± %.4f, want %.3f", part, b.Name, b.Spearman, b.Error, want[b.Name])
			}
		}
		if _, err := Scores(videos, append(pairs, corpus.Pair{A: -1, B: pairs[0].A})); err == nil {
			t.Errorf("%s: a pair of an unknown video is scored", part)
		}
	}
}

func TestMeasures(t *testing.T) {
	for _, c := range []struct {
		got, want float64
	}{
		{jaccard(distinct([]rune("吃饭吃")), distinct([]rune("饭吃了"))), 2. / 3},
		{jaccard([]rune(nil), nil), 0},
		{jaccard([]int64{1, 3}, []int64{2}), 0},
		{cosine([]float64{1, 2}, []float64{2, 4}), 1},
		{cosine(nil, []float64{1}), 0},
		{cosine([]float64{0, 0}, []float64{1, 1}), 0},
		// Two frames of two features: (1, 0) and (0, 2).
		{meanFrame(corpus.Video{NumFrames: 2, Frames: []byte{0, 0x3c, 0, 0, 0, 0, 0, 0x40}})[1], 1},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%g, want %g", c.got, c.want)
		}
	}
}
