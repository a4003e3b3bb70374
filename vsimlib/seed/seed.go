// SPDX-License-Identifier: Apache-2.0

// Package seed derives random streams from seeds: each depends on its arguments alone, so that work can be repeated, resumed
// and divided without a change of what is drawn. All is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
// number generators", OOPSLA 2014).
//
// The numbers are part of every result that was ever computed with them; a test holds them.
package seed

import "math/rand/v2"

// Gamma is what SplitMix64 adds to its state at each step: 2^64 divided by the golden ratio, made odd.
const Gamma uint64 = 0x9e3779b97f4a7c15

// Stream is the state of a SplitMix64 generator. It is a [rand.Source].
type Stream uint64

// Uint64 returns the next number.
func (s *Stream) Uint64() uint64 {
	*s += Stream(Gamma)
	x := uint64(*s)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Mix is one step of SplitMix64: a bijection in which each bit of x moves every bit of the result.
func Mix(x uint64) uint64 {
	s := Stream(x)
	return s.Uint64()
}

// Hash depends on every part and on their order: h ← 0, then for each part h ← Mix(h xor part).
func Hash(parts ...uint64) uint64 {
	h := uint64(0)
	for _, part := range parts {
		h = Mix(h ^ part)
	}
	return h
}

// New returns the stream of the parts, [Hash] of which is its first state.
func New(parts ...uint64) *Stream {
	return new(Stream(Hash(parts...)))
}

// Rand returns a generator of the parts with math/rand's distributions: PCG(h, Mix(h)) for h = Hash(parts).
func Rand(parts ...uint64) *rand.Rand {
	h := Hash(parts...)
	return rand.New(rand.NewPCG(h, Mix(h)))
}
