// SPDX-License-Identifier: Apache-2.0

package split

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/recipe"
)

// oneLine fails unless err is one line that holds the words.
func oneLine(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q, want one line with %q", err, words)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func pair(a, b int64, score float64) corpus.Pair { return corpus.Pair{A: a, B: b, Score: score} }

func divide(t *testing.T, pairs []corpus.Pair, rule string, fold int) Split {
	t.Helper()
	s, err := Pairs(pairs, rule, fold)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The counts were made with a few lines of Python over data/emoji/pairwise/label.tsv: sets of ids, no code of this package.
func TestSplitEmoji(t *testing.T) {
	pairs, err := corpus.ReadPairs(filepath.Join("..", "..", "data", "emoji", "pairwise", "label.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for fold, want := range [][]int{{11495, 505, 7628, 192}, {11539, 461, 7851, 186}, {11491, 509, 7587, 200}, {11507, 493, 7673, 177},
		{11503, 497, 7726, 200}} {
		s := divide(t, pairs, competition.SplitReleased, fold)
		same(t, "released", []int{len(s.Train), len(s.Val), s.ValVideos, s.LeakedVideos, s.LeakedPairs, s.Dropped},
			[]int{want[0], want[1], want[3], want[3], want[1], 0})
		s = divide(t, pairs, competition.SplitStrict, fold)
		same(t, "strict", []int{len(s.Train), len(s.Val), s.ValVideos, s.LeakedVideos, s.LeakedPairs, s.Dropped},
			[]int{want[2], want[1], want[3], 0, 0, 12000 - want[2] - want[1]})
	}
	_, err = Pairs(pairs, competition.SplitComponent, 0)
	oneLine(t, err, "one component holds 12000 of the 12000 pairs (964 videos)")
	settings := recipe.Finetune{Split: competition.SplitReleased, MaxPairs: 640}
	s, err := Finetuning(pairs, settings)
	same(t, "640 pairs", []int{len(s.Train), len(s.Val), s.ValVideos, s.LeakedVideos, s.LeakedPairs}, []int{640, 505, 192, 119, 444})
	if err != nil {
		t.Error(err)
	}
	settings.Fold = 7
	_, err = Finetuning(pairs, settings)
	oneLine(t, err, "fold 7")
}

// generated has the shape of the competition's pairs in small: one giant component with about three fifths of the pairs, the rest
// in components of a few videos (there: 42,959 of 67,899 pairs in one of 22,040).
func generated(seed uint64) []corpus.Pair {
	rng := rand.New(rand.NewPCG(seed, 5))
	var pairs []corpus.Pair
	id := func() int64 { return rng.Int64() }
	hub := make([]int64, 300)
	for i := range hub {
		hub[i] = id()
		if i > 0 {
			pairs = append(pairs, pair(hub[rng.IntN(i)], hub[i], rng.Float64()), pair(hub[i], hub[rng.IntN(i)], rng.Float64()))
		}
	}
	for range 300 {
		group := []int64{id()}
		for range 1 + rng.IntN(2)*rng.IntN(4) {
			group = append(group, id())
			pairs = append(pairs, pair(group[len(group)-1], group[rng.IntN(len(group)-1)], rng.Float64()))
		}
	}
	rng.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	return pairs
}

// byFlood labels the components by repeated sweeps, as a second way to find them.
func byFlood(pairs []corpus.Pair) map[int64]int64 {
	label := map[int64]int64{}
	for _, p := range pairs {
		label[p.A], label[p.B] = p.A, p.B
	}
	for changed := true; changed; {
		changed = false
		for _, p := range pairs {
			if low := min(label[p.A], label[p.B]); label[p.A] != low || label[p.B] != low {
				label[p.A], label[p.B], changed = low, low, true
			}
		}
	}
	return label
}

func TestSplitComponent(t *testing.T) {
	for seed := range uint64(4) {
		pairs := generated(seed)
		label := byFlood(pairs)
		size := map[int64]int{}
		for _, p := range pairs {
			size[label[p.A]]++
		}
		var giantLabel int64
		for l, n := range size {
			if n > size[giantLabel] {
				giantLabel = l
			}
		}
		if share := float64(size[giantLabel]) / float64(len(pairs)); share < .4 || share > .8 {
			t.Fatalf("the generated giant holds %v of the pairs", share)
		}
		var held []corpus.Pair
		for fold := range folds {
			s := divide(t, pairs, competition.SplitComponent, fold)
			same(t, "leaks, dropped", []int{s.LeakedPairs, s.LeakedVideos, s.Dropped}, []int{0, 0, 0})
			same(t, "pairs", len(s.Train)+len(s.Val), len(pairs))
			if share := float64(len(s.Val)) / float64(len(pairs)); share < .03 || share > .2 {
				t.Errorf("fold %d holds out %v of the pairs", fold, share)
			}
			for _, p := range s.Val {
				if l := label[p.A]; l == giantLabel || l%folds != int64(fold) {
					t.Errorf("pair %v of component %d is held out in fold %d", p, l, fold)
				}
			}
			held = append(held, s.Val...)
		}
		same(t, "pairs held out by the five folds together", len(held), len(pairs)-size[giantLabel])
	}
}

func TestSplitProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var pairs []corpus.Pair
	for range 3000 {
		pairs = append(pairs, pair(rng.Int64N(900), rng.Int64N(900), rng.Float64()))
	}
	for fold := range int64(folds) {
		released, strict := divide(t, pairs, competition.SplitReleased, int(fold)), divide(t, pairs, competition.SplitStrict, int(fold))
		if !slices.Equal(released.Val, strict.Val) || len(strict.Val) == 0 {
			t.Error("released and strict hold out different pairs")
		}
		same(t, "released pairs", len(released.Train)+len(released.Val), len(pairs))
		same(t, "strict pairs", len(strict.Train)+len(strict.Val)+strict.Dropped, len(pairs))
		if released.LeakedPairs == 0 || strict.LeakedPairs+strict.LeakedVideos != 0 {
			t.Errorf("leaks: released %d, strict %d", released.LeakedPairs, strict.LeakedPairs)
		}
		for _, p := range strict.Train {
			if p.A%folds == fold || p.B%folds == fold {
				t.Errorf("strict trains on %v in fold %d", p, fold)
			}
		}
	}
}

// Leaks counted by hand: of Val {(5,10), (15,20), (25,25)} video 5 and 20 occur in Train.
func TestLeakCounts(t *testing.T) {
	pairs := []corpus.Pair{pair(5, 10, 0), pair(15, 20, 0), pair(25, 25, 0), pair(5, 1, 0), pair(2, 20, 0), pair(3, 4, 0)}
	s := divide(t, pairs, competition.SplitReleased, 0)
	same(t, "released", []int{len(s.Val), s.ValVideos, s.LeakedVideos, s.LeakedPairs}, []int{3, 5, 2, 2})
}

func TestSplitRefuses(t *testing.T) {
	pairs := []corpus.Pair{pair(5, 10, 0), pair(1, 2, 0)}
	for _, c := range []struct {
		rule  string
		fold  int
		pairs []corpus.Pair
		want  string
	}{
		{"random", 0, pairs, `unknown split "random"`}, {competition.SplitReleased, 5, pairs, "fold 5"}, {competition.SplitStrict, -1, pairs, "fold -1"},
		{competition.SplitReleased, 0, pairs[:1], "none of the 1 pairs is left to train on"},
		{competition.SplitComponent, 0, pairs[:1], "split: component: one component holds 1 of the 1 pairs (2 videos)"},
		{competition.SplitComponent, 0, nil, "none of the 0 pairs"},
	} {
		_, err := Pairs(c.pairs, c.rule, c.fold)
		oneLine(t, err, c.want)
	}
}

// TestForTraining: there is something to train on, and a Spearman of what is held out.
func TestForTraining(t *testing.T) {
	train, a, b := pair(1, 2, .5), pair(5, 10, .2), pair(15, 20, .7)
	settings := recipe.Finetune{Split: competition.SplitStrict}
	if s, err := ForTraining([]corpus.Pair{train, a, b}, settings); err != nil || len(s.Train) != 1 || len(s.Val) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	_, err := ForTraining([]corpus.Pair{train, a}, settings)
	oneLine(t, err, "split: strict, fold 0: 1 pairs to train on and 1 to validate on; use another fold or split")
	_, err = ForTraining([]corpus.Pair{train, a, a}, settings)
	oneLine(t, err, "split: strict, fold 0: labels to validate on: ")
}
