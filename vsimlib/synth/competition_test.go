// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"math"
	"slices"
	"testing"

	"vsim/vsimlib/competition"
	"vsim/vsimlib/corpus"
	"vsim/vsimlib/rank"
	"vsim/vsimlib/split"
)

// within fails where a statistic is not within a share of what was published (competition.md, section 1.3 and 1.4).
func within(t *testing.T, what string, got, published, share float64) {
	t.Helper()
	if math.Abs(got-published) > share*math.Abs(published) {
		t.Errorf("%s: %.4g, published %.4g (want within %g%%)", what, got, published, 100*share)
	} else {
		t.Logf("%s: %.4g, published %.4g", what, got, published)
	}
}

// moments holds mean and sd of whole numbers, and their quantiles, against the published ones.
func moments(t *testing.T, what string, x []int, mean, sd float64, quantile map[float64]int, atMost int) {
	t.Helper()
	slices.Sort(x)
	sum, squares := 0., 0.
	for _, n := range x {
		sum += float64(n)
		squares += float64(n) * float64(n)
	}
	m := sum / float64(len(x))
	if mean > 0 {
		within(t, what+" mean", m, mean, .03)
		within(t, what+" sd", math.Sqrt(squares/float64(len(x))-m*m), sd, .05)
	}
	for p, want := range quantile {
		if got := x[int(p*float64(len(x)))]; math.Abs(float64(got-want)) > 1+.04*float64(want) {
			t.Errorf("%s p%g: %d, published %d", what, 100*p, got, want)
		}
	}
	if got := x[len(x)-1]; got > atMost {
		t.Errorf("%s: a value of %d, the largest published is %d", what, got, atMost)
	}
}

// TestCompetitionVideos holds 60,000 videos (with narrow frames) against the published statistics of 1,000,000.
func TestCompetitionVideos(t *testing.T) {
	const n = 60_000
	w := newPublished(3, blockValues)
	s := w.pointwise(n)
	listed := map[int64]bool{}
	for _, tag := range w.tags() {
		listed[tag] = true
	}
	if len(listed) != listedTags {
		t.Fatalf("%d tags in the list", len(listed))
	}
	var titles, speech, tags, frames []int
	uses, all, known, full := map[int64]int{}, 0, 0, 0
	categories, level1, level2 := map[int64]int{}, map[int64]bool{}, map[int64]bool{}
	var v corpus.Video
	for i := range n {
		s.fill(i, &v)
		titles, speech = append(titles, len([]rune(v.Title))), append(speech, len([]rune(v.ASRText)))
		tags, frames = append(tags, len(v.Tags)), append(frames, v.NumFrames)
		for _, tag := range v.Tags {
			uses[tag]++
			all++
			if listed[tag] {
				known++
			}
		}
		if v.NumFrames == 32 {
			full++
		}
		if len(v.Frames) != v.NumFrames*2*blockValues {
			t.Fatalf("video %d: %d bytes for %d frames", i, len(v.Frames), v.NumFrames)
		}
		categories[v.Category]++
		level1[v.Category/100], level2[v.Category%100] = true, true
	}
	moments(t, "title", titles, 18.7, 7.2, map[float64]int{.25: 13, .5: 19, .75: 24, .99: 34}, 60)
	moments(t, "speech", speech, 40.6, 53, map[float64]int{.25: 8, .5: 23, .75: 51, .99: 257}, 772)
	moments(t, "tags", tags, 4.76, 2.34, map[float64]int{.25: 3, .5: 4, .75: 6, .99: 12}, 29)
	moments(t, "frames", frames, 0, 0, map[float64]int{0: 5, .1: 9, .25: 10, .5: 13, .75: 20, .9: 32}, 32)
	within(t, "share of 32 frames", float64(full)/n, .12, .05)
	within(t, "share of uses of listed tags", float64(known)/float64(all), .958, .003)
	if speech[0] != 0 || titles[0] < 1 || tags[0] < 1 {
		t.Errorf("shortest speech %d, title %d, tags %d", speech[0], titles[0], tags[0])
	}
	within(t, "categories", float64(len(categories)), 328, 0)
	within(t, "codes of level 1", float64(len(level1)), 40, 0)
	within(t, "codes of level 2", float64(len(level2)), 23, 0)
	within(t, "share of 11604", float64(categories[11604])/n, .115, .05)
	within(t, "share of 10001", float64(categories[10001])/n, .069, .06)
	// The list runs from frequent to rare tags: the first hundred outweigh the second and so on.
	last := math.MaxInt
	for from := 0; from < 1000; from += 100 {
		sum := 0
		for _, tag := range w.tags()[from : from+100] {
			sum += uses[tag]
		}
		if sum > last {
			t.Errorf("tags %d to %d of the list have %d uses, the hundred before %d", from, from+99, sum, last)
		}
		last = sum
	}
}

// TestTagLaw draws the tags of a million videos, as published.
func TestTagLaw(t *testing.T) {
	if testing.Short() {
		t.Skip("a million videos")
	}
	const videos = 1_000_000
	l := newTagLaw(9)
	s := newStream(1)
	rankOf, uses := map[int64]int{}, make([]int, tagTotal)
	for rank := range tagTotal {
		rankOf[l.id(rank)] = rank
	}
	if len(rankOf) != tagTotal {
		t.Fatalf("%d ids for %d tags", len(rankOf), tagTotal)
	}
	all, listed, distinct, tags := 0, 0, 0, []int64(nil)
	for range videos {
		tags = l.draw(tagCounts.at(s.unit()), s.below(allTopics), tags[:0], s)
		for _, tag := range tags {
			uses[rankOf[tag]]++
		}
	}
	for rank, n := range uses {
		all += n
		if rank < listedTags {
			listed += n
		}
		distinct += int(truth(n > 0))
	}
	within(t, "uses", float64(all), 4.843e6, .03)
	within(t, "share of the first 10,000 tags", float64(listed)/float64(all), .958, .005)
	within(t, "distinct tags", float64(distinct), 62_880, .05)
	slices.SortFunc(uses, func(a, b int) int { return b - a })
	within(t, "uses of the 10,000th tag", float64(uses[listedTags-1]), 21, .15)
}

// TestPairGraph holds the graph and the labels at the published size against the published numbers.
func TestPairGraph(t *testing.T) {
	w := newPublished(5, blockValues)
	s := w.paired(pairwisePart, allPairs)
	if s.videos != 63_613 || len(s.links) != 67_899 {
		t.Fatalf("%d videos, %d pairs", s.videos, len(s.links))
	}
	degree, seen, turned := make([]int, s.videos), map[[2]int32]bool{}, 0
	var levels [levelSteps + 1]int
	var label, level1, tags []float64
	pairs := make([]corpus.Pair, 0, len(s.links))
	var a, b corpus.Video
	for _, l := range s.links {
		degree[l.a]++
		degree[l.b]++
		if l.a == l.b || seen[[2]int32{l.a, l.b}] {
			t.Fatalf("%d and %d: a self pair, or twice in the same order", l.a, l.b)
		}
		if seen[[2]int32{l.b, l.a}] {
			turned++
		}
		seen[[2]int32{l.a, l.b}] = true
		levels[l.level]++
		s.fill(int(l.a), &a)
		s.fill(int(l.b), &b)
		label = append(label, float64(l.level))
		level1 = append(level1, truth(a.Category/100 == b.Category/100))
		tags = append(tags, float64(shared(a.Tags, b.Tags)))
		pairs = append(pairs, corpus.Pair{A: s.id(int(l.a)), B: s.id(int(l.b)), Score: float64(l.level) / levelSteps})
	}
	if levels != levelCounts {
		t.Errorf("levels %v, published %v", levels, levelCounts)
	}
	within(t, "reversed pairs", float64(turned), 45, 0)
	once := 0
	for _, d := range degree {
		once += int(truth(d == 1))
		if d == 0 {
			t.Fatal("a video without a pair")
		}
	}
	within(t, "videos of one pair", float64(once), 50_420, .01)
	within(t, "level-1 category against label", spearman(t, level1, label), .341, .1)
	within(t, "shared tags against label", spearman(t, tags, label), .487, .3)
	component, err := split.Pairs(pairs, competition.SplitComponent, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(component.Train) < 42_959 || component.LeakedPairs != 0 {
		t.Errorf("component split: %d pairs to train on, %d leak", len(component.Train), component.LeakedPairs)
	}
	within(t, "pairs of the component split's validation", float64(len(component.Val)), (67_899-42_959)/5., .1)
	released, err := split.Pairs(pairs, competition.SplitReleased, 0)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "validation pairs of the released split", float64(len(released.Val)), 2526, .15)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func shared(a, b []int64) (n int) {
	for _, x := range a {
		if slices.Contains(b, x) {
			n++
		}
	}
	return n
}

func spearman(t *testing.T, x, y []float64) float64 {
	t.Helper()
	r, err := rank.Spearman(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
