// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"math/rand/v2"

	"vsim/vsimlib/seed"
)

// Streams separate the draws for one purpose from all others: a setting of one does not change the others.
const (
	streamTokens uint64 = iota + 1
	streamFrames
	streamOrder
)

// random returns a generator that depends on its arguments alone.
func random(root int64, parts ...uint64) *rand.Rand {
	return seed.Rand(append([]uint64{uint64(root)}, parts...)...)
}

// Order returns a permutation of 0..n-1 for an epoch, a pure function of its arguments: 4 bytes per video.
func Order(n int, root int64, epoch int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	random(root, streamOrder, uint64(epoch)).Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}
