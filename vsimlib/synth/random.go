// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"math/bits"
	"math/rand/v2"

	"vsim/vsimlib/seed"
)

// partKey keeps the random streams and the ids of the parts apart.
type partKey uint64

const (
	pointwisePart partKey = iota + 1
	pairwisePart
	testPart
)

// What a stream is for.
const (
	forWorld uint64 = iota + 1
	forVideo
	forLatent
	forPairs
	forNoise
	forSpeech
)

// stream draws numbers of the kinds that a corpus needs. It is quick enough to be called for every 16 values of a frame, and a
// rand.Source.
type stream struct{ seed.Stream }

// newStream is a stream that depends on its arguments alone.
func newStream(parts ...uint64) *stream {
	return &stream{*seed.New(parts...)}
}

func hash(parts ...uint64) uint64 { return seed.Hash(parts...) }

// below is a number in [0,n).
func (s *stream) below(n int) int {
	high, _ := bits.Mul64(s.Uint64(), uint64(n))
	return int(high)
}

// unit is a number in [0,1).
func (s *stream) unit() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// skewed is a number in [0,n) with a density that falls with the square root: few are common, all occur.
func (s *stream) skewed(n int) int { return skew(s.Uint64()>>32, n) }

// skew squares 32 random bits.
func skew(x uint64, n int) int { return int(x * x >> 32 * uint64(n) >> 32) }

// normal gives numbers of the standard normal distribution.
func (s *stream) normal() *rand.Rand { return rand.New(s) }

// videoIDs gives the ids of a part: positive int63 that look random and are distinct in all parts of a corpus.
func videoIDs(seed int64, part partKey) func(i int) int64 {
	const int63 = 1<<63 - 1
	key := hash(uint64(seed), forWorld) & int63
	scatter := func(x uint64) uint64 { // a bijection of [0,2^63)
		x = (x + key) & int63
		x = (x ^ x>>32) * 0xbf58476d1ce4e5b9 & int63
		x = (x ^ x>>29) * 0x94d049bb133111eb & int63
		return x ^ x>>32
	}
	return func(i int) int64 {
		x := scatter(uint64(part)<<40 | uint64(i))
		if x == 0 { // one input gives 0, and it is not 0 itself
			x = scatter(0)
		}
		return int64(x)
	}
}
