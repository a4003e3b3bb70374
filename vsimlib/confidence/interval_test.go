// SPDX-License-Identifier: Apache-2.0

package confidence

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vsim/vsimlib/rank"
)

// Twelve pairs of seven videos: one with itself, one twice and in the other order. Three seeds of two models.
var (
	ids = [][2]int64{{3, 6}, {3, 5}, {4, 5}, {5, 4}, {3, 5}, {4, 4}, {2, 3}, {7, 1}, {5, 7}, {7, 5}, {7, 2}, {6, 5}}
	y   = []float64{0, .25, .25, .5, 1, 0, .75, .75, .5, 0, 1, .25}
	xs  = [][]float64{{-.8, -.5, 1, 1, 2.1, .6, .2, 1.4, .8, .1, .6, .3}, {-.1, .7, .3, 1.3, .6, .2, 1, .3, -.1, .5, 1.3, .2},
		{.2, -.1, .4, .2, 1.1, .5, .6, 1.2, 0, -.1, .3, .2}}
	bs = [][]float64{{.1, .1, 0, 1.6, 2.1, -1, 1.7, -.6, -.1, -.1, 1.1, -.6}, {-.6, .3, -.3, 0, 1.5, .7, .7, .8, .5, -.4, .6, -.6},
		{.5, .2, .1, .7, 1.4, 1.1, .5, .4, .7, -.7, 2, 1}}
)

// influences are those of models on the labels y, and their scores.
func influences(t *testing.T, models [][]float64) (scores []float64, list [][]float64) {
	t.Helper()
	for _, x := range models {
		psi, err := rank.Influence(x, y)
		if err != nil {
			t.Fatal(err)
		}
		rho, err := rank.Spearman(x, y)
		if err != nil {
			t.Fatal(err)
		}
		scores, list = append(scores, rho), append(list, psi)
	}
	return scores, list
}

// TestGolden: the numbers of an implementation in numpy 2 and scipy 1 that sums over all pairs of pairs and finds p by brentq.
func TestGolden(t *testing.T) {
	pairs := NewPairs(ids)
	scores, list := influences(t, xs)
	others, otherList := influences(t, bs)
	var differences []float64
	var differenceList [][]float64
	for k := range scores {
		differences = append(differences, scores[k]-others[k])
		differenceList = append(differenceList, slices.Clone(list[k]))
		for i := range list[k] {
			differenceList[k][i] -= otherList[k][i]
		}
	}
	for _, c := range []struct {
		name      string
		scores    []float64
		influence [][]float64
		want      Mean
		half, p   float64
	}{
		{"score", scores, list, Mean{.55381062747, 3, .000452537532826, .00157999367376}, .111877540331, .000538164943947},
		{"difference", differences, differenceList, Mean{-.00472761206524, 3, .0034883507766, 0}, .254124402238, .943490400893},
		{"one seed", scores[:1], list[:1], Mean{.593994701581, 1, 0, .0361619087467}, .372712333212, .00178646665957},
	} {
		m := Of(c.scores, c.influence, pairs)
		near := func(what string, got, want float64) {
			if math.Abs(got-want) > 1e-10 {
				t.Errorf("%s: %s %.12g, want %.12g", c.name, what, got, want)
			}
		}
		near("mean", m.Value, c.want.Value)
		near("seeds' part", m.Drawn, c.want.Drawn)
		near("pairs' part", m.Pairs, c.want.Pairs)
		near("half", m.Half(.95), c.half)
		near("p", m.P(), c.p)
		if m.Seeds != c.want.Seeds {
			t.Errorf("%s: %d seeds", c.name, m.Seeds)
		}
	}
}

// TestWithSeeds: p-values of scipy 1 for the same parts of the error, that of the seeds over ten in place of five.
func TestWithSeeds(t *testing.T) {
	m := Mean{Value: .012, Seeds: 5, Drawn: .00009, Pairs: .00002}
	for n, want := range map[int]float64{5: .3065314063487334, 10: .16108734016218362} {
		if p := m.WithSeeds(n).P(); math.Abs(p-want) > 1e-9 {
			t.Errorf("%d seeds: p %g, want %g", n, p, want)
		}
	}
}

// TestNoError: without an error an interval is a point, and p is 1 or 0.
func TestNoError(t *testing.T) {
	pairs := NewPairs([][2]int64{{1, 2}, {3, 4}})
	flat := [][]float64{{0, 0}, {0, 0}}
	if m := Of([]float64{.5, .5}, flat, pairs); m.Half(.95) != 0 || m.P() > 1e-12 {
		t.Errorf("%+v: half %g, p %g", m, m.Half(.95), m.P())
	}
	if m := Of([]float64{0, 0}, flat, pairs); m.P() != 1 {
		t.Errorf("%+v: p %g", m, m.P())
	}
}

// TestVariance by hand: pairs {1,2} and {2,3} share a video, {4,5} none with them, and the last is {1,2} again.
func TestVariance(t *testing.T) {
	p := NewPairs([][2]int64{{1, 2}, {2, 3}, {4, 5}, {2, 1}})
	// (1 + 2 + 4)² for the three that share video 2, or two videos, and 7² for the third.
	if got, want := p.Variance([]float64{1, 2, 7, 4}), (49.+49)/16; math.Abs(got-want) > 1e-12 {
		t.Errorf("%g, want %g", got, want)
	}
	// Opposed values: 0 for the three would be less than independent pairs have.
	if got, want := p.Variance([]float64{3, -2, 0, -1}), 14./16; math.Abs(got-want) > 1e-12 {
		t.Errorf("%g, want %g", got, want)
	}
}

// TestCoverage simulates how often the interval contains the mean: 100 videos in 400 pairs whose errors have a part of each video
// and one of the pair, both also under each seed alone, and scores that the seeds shift.
func TestCoverage(t *testing.T) {
	if testing.Short() {
		t.Skip("18,000 simulated studies")
	}
	const rounds = 2000
	for _, seeds := range []int{3, 5, 8} {
		for _, noise := range []struct {
			name               string
			seed, pairs, mixed float64
		}{{"of the seeds", 1, .1, .1}, {"of the pairs", .02, 1, .2}, {"of both", .25, 1, 1}} {
			draw := rand.New(rand.NewPCG(7, uint64(seeds)))
			list := drawPairs(draw)
			pairs, inside := NewPairs(list), 0
			for range rounds {
				scores, influence := simulate(draw, list, seeds, noise.seed, noise.pairs, noise.mixed)
				if m := Of(scores, influence, pairs); math.Abs(m.Value) <= m.Half(.95) {
					inside++
				}
			}
			share := float64(inside) / float64(rounds)
			t.Logf("%d seeds, noise %s: %.3f", seeds, noise.name, share)
			if share < .93 || share > .97 {
				t.Errorf("%d seeds, noise %s: %.3f of the intervals contain the mean", seeds, noise.name, share)
			}
		}
	}
}

const videos = 100

func drawPairs(draw *rand.Rand) [][2]int64 {
	var list [][2]int64
	for range 400 {
		a := draw.IntN(videos)
		list = append(list, [2]int64{int64(a), int64((a + 1 + draw.IntN(videos-1)) % videos)})
	}
	return list
}

// simulate draws scores whose mean is 0 and the pairs' influence on them.
func simulate(draw *rand.Rand, list [][2]int64, seeds int, seed, pair, mixed float64) (scores []float64, influence [][]float64) {
	n := float64(len(list))
	errors := func(scale float64) []float64 {
		var video [videos]float64
		for i := range video {
			video[i] = scale * draw.NormFloat64()
		}
		out := make([]float64, len(list))
		for i, p := range list {
			out[i] = video[p[0]] + video[p[1]] + scale*draw.NormFloat64()
		}
		return out
	}
	common := errors(pair)
	for range seeds {
		values, mean := errors(mixed), 0.
		for i := range values {
			values[i] += common[i]
			mean += values[i] / n
		}
		for i := range values {
			values[i] -= mean
		}
		scores, influence = append(scores, mean+seed*draw.NormFloat64()), append(influence, values)
	}
	return scores, influence
}

// TestHolm: the example of R's p.adjust(c(.01, .04, .03, .005), "holm"), and orders.
func TestHolm(t *testing.T) {
	want := []float64{.03, .06, .06, .02}
	for i, got := range Holm([]float64{.01, .04, .03, .005}) {
		if math.Abs(got-want[i]) > 1e-15 {
			t.Errorf("p %d: %g, want %g", i, got, want[i])
		}
	}
	if got := fmt.Sprint(Holm([]float64{.9, .8}), Holm(nil)); got != "[1 1] []" {
		t.Error(got)
	}
}
