// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"math"
	"sort"
)

// Published numbers of the pair graph.
const (
	allPairs      = 67_899
	pairedVideos  = 63_613
	giantPairs    = 42_959
	giantVideos   = 16_664
	reversedPairs = 45 // pairs that stand in both orders
	largestStar   = 27 // videos of the component next in size
)

// leafShare is the share of the giant component's videos that have one pair only: what the stars leave of the published 50,420.
const leafShare = .31

// starLaw is the cumulative law of how many videos a star has beyond two: k in proportion to k^-2.5.
var starLaw = func() []float64 {
	var law []float64
	sum := 0.
	for k := 1; k <= largestStar-2; k++ {
		sum += math.Pow(float64(k), -2.5)
		law = append(law, sum)
	}
	return law
}()

// pairGraph is who is paired with whom.
//
// The giant component is a ring with chords, so that all of it is connected, and leaves on it; every other component is a star,
// most of them a single pair. These give the published numbers of videos, pairs, components and videos of one pair.
type pairGraph struct {
	links []link
	group []int32 // of every video: a component, or some neighbours in the giant one
}

// scaled is a published number for this many pairs instead of all.
func scaled(n, pairs int) int { return (n*pairs + allPairs/2) / allPairs }

func newPairGraph(pairs int, s *stream) *pairGraph {
	g := &pairGraph{links: make([]link, 0, pairs)}
	videos, giant := scaled(pairedVideos, pairs), scaled(giantVideos, pairs)
	twice := scaled(reversedPairs, pairs)
	twiceGiant := twice / 3
	g.giant(giant, scaled(giantPairs, pairs)-twiceGiant, s)
	inside := len(g.links)
	g.trees(videos-giant, pairs-scaled(giantPairs, pairs)-(twice-twiceGiant), s)
	g.reverse(0, inside, twiceGiant, s)
	g.reverse(inside, len(g.links)-twiceGiant, twice-twiceGiant, s)
	g.shuffle(s)
	return g
}

func (g *pairGraph) join(a, b int) { g.links = append(g.links, link{a: int32(a), b: int32(b)}) }

// giant is a component of n videos and m pairs.
func (g *pairGraph) giant(n, m int, s *stream) {
	const neighbours = 8
	leaves := int(leafShare * float64(n))
	ring := n - leaves
	for i := range ring {
		g.join(i, (i+1)%ring)
		g.group = append(g.group, int32(i/neighbours))
	}
	for k := range leaves {
		at := k * ring / leaves
		g.join(at, ring+k)
		g.group = append(g.group, int32(at/neighbours))
	}
	// Chords: short ones mostly, as far as the ring is long, none twice.
	chords := map[[2]int]bool{}
	for len(chords) < m-n {
		reach := min(2<<s.below(16), ring/2)
		a := s.below(ring)
		b := (a + 2 + s.below(reach)) % ring
		if gap := (b - a + ring) % ring; gap < 2 || gap > ring-2 || chords[[2]int{min(a, b), max(a, b)}] {
			continue
		}
		chords[[2]int{min(a, b), max(a, b)}] = true
		g.join(a, b)
	}
}

// trees are n videos in n-m stars.
func (g *pairGraph) trees(n, m int, s *stream) {
	sizes := make([]int, n-m)
	left := n - 2*len(sizes)
	for i := range sizes {
		sizes[i] = 2
	}
	for left > 0 {
		if k := s.below(len(sizes)); sizes[k] == 2 {
			more := min(left, starExtra(s))
			sizes[k] += more
			left -= more
		}
	}
	group := int32(len(g.group)) // above all of the giant component's
	for _, size := range sizes {
		hub := len(g.group)
		for k := range size {
			if k > 0 {
				g.join(hub, hub+k)
			}
			g.group = append(g.group, group)
		}
		group++
	}
}

// starExtra draws from starLaw.
func starExtra(s *stream) int {
	return 1 + min(sort.SearchFloat64s(starLaw, s.unit()*starLaw[len(starLaw)-1]), len(starLaw)-1)
}

// reverse adds n of the pairs from..to-1 in the other order, none twice.
func (g *pairGraph) reverse(from, to, n int, s *stream) {
	taken := map[int]bool{}
	for len(taken) < n {
		if k := from + s.below(to-from); !taken[k] {
			taken[k] = true
			g.join(int(g.links[k].b), int(g.links[k].a))
		}
	}
}

// shuffle renames the videos and mixes the pairs and their order.
func (g *pairGraph) shuffle(s *stream) {
	r := s.normal()
	at := r.Perm(len(g.group))
	group := make([]int32, len(g.group))
	for i, p := range at {
		group[p] = g.group[i]
	}
	g.group = group
	for i, l := range g.links {
		g.links[i] = link{a: int32(at[l.a]), b: int32(at[l.b])}
	}
	r.Shuffle(len(g.links), func(i, j int) { g.links[i], g.links[j] = g.links[j], g.links[i] })
}
