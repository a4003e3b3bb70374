// SPDX-License-Identifier: Apache-2.0

package batch

import "math/rand/v2"

// Streams keep the draws for one purpose apart from all others: a setting of one leaves the others as they are.
const (
	streamWords uint64 = iota + 1
	streamFrames
	streamOrder
)

// random returns a generator that depends on its arguments alone: PCG, seeded with the hash of the parts in their order.
//
//	h ← mix(seed), then for each part h ← mix(h xor part); PCG(h, mix(h))
func random(seed int64, parts ...uint64) *rand.Rand {
	h := mix(uint64(seed))
	for _, part := range parts {
		h = mix(h ^ part)
	}
	return rand.New(rand.NewPCG(h, mix(h)))
}

// mix is a step of SplitMix64 (Steele, Lea, Flood 2014): a bijection in which each bit of x moves every bit of the result.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Order returns a permutation of 0..n-1 for an epoch, a pure function of its arguments: 4 bytes a video.
func Order(n int, seed int64, epoch int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	random(seed, streamOrder, uint64(epoch)).Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}
