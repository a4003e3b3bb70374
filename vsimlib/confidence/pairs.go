// SPDX-License-Identifier: Apache-2.0

package confidence

// Pairs says which of n pairs share videos.
type Pairs struct {
	n      int
	ends   [][2]int // of each pair, the indices of its two videos
	dyad   []int    // of each pair, the index of its two videos taken together; -1: a pair of a video with itself
	videos int
	dyads  int
}

// NewPairs takes the two videos of every pair by their ids. A pair may occur more than once, in either order.
func NewPairs(ids [][2]int64) *Pairs {
	p := &Pairs{n: len(ids)}
	videos, dyads := map[int64]int{}, map[[2]int]int{}
	for _, pair := range ids {
		a, b := number(videos, pair[0]), number(videos, pair[1])
		d := -1
		if a != b {
			d = number(dyads, [2]int{min(a, b), max(a, b)})
		}
		p.ends, p.dyad = append(p.ends, [2]int{a, b}), append(p.dyad, d)
	}
	p.videos, p.dyads = len(videos), len(dyads)
	return p
}

// number returns the number of a key, the next one where it is new.
func number[K comparable](numbers map[K]int, key K) int {
	n, ok := numbers[key]
	if !ok {
		n = len(numbers)
		numbers[key] = n
	}
	return n
}

// Variance estimates the variance of the mean of values, one for each pair and 0 in the mean, where pairs that share a video depend
// on each other:
//
//	V = 1/n² Σ_{i and j share a video} ψ_i ψ_j
//
// It is at least that of independent pairs, 1/n² Σ ψ_i²: with few videos the sum can come out below, even below zero.
//
// Source: Aronow, Samii and Assenova, Cluster-robust variance estimation for dyadic data (Political Analysis 23, 2015), equation 4.
func (p *Pairs) Variance(values []float64) float64 {
	independent := 0.
	for _, v := range values {
		independent += v * v
	}
	return max(p.shared(values), independent) / float64(p.n*p.n)
}

// shared is the sum of the products of all pairs' values that share a video: over the videos the square of their pairs' sum, less
// what is then counted twice, the pairs of the same two videos.
func (p *Pairs) shared(values []float64) float64 {
	video, dyad := make([]float64, p.videos), make([]float64, p.dyads)
	for i, v := range values {
		video[p.ends[i][0]] += v
		if d := p.dyad[i]; d >= 0 {
			video[p.ends[i][1]] += v
			dyad[d] += v
		}
	}
	sum := 0.
	for _, v := range video {
		sum += v * v
	}
	for _, v := range dyad {
		sum -= v * v
	}
	return sum
}
