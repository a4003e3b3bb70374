// SPDX-License-Identifier: Apache-2.0

package batch

import "math"

// lengthStats is the mean and the variance of how many tokens or frames a video of a corpus has.
type lengthStats struct{ mean, variance float64 }

func statsOf(lengths []float64) lengthStats {
	var s lengthStats
	for _, x := range lengths {
		s.mean += x / float64(len(lengths))
	}
	for _, x := range lengths {
		s.variance += (x - s.mean) * (x - s.mean) / float64(len(lengths))
	}
	return s
}

// budget returns the length of a list of positions in a batch of b videos of at most most positions each, where count positions
// were chosen with probability p. XLA compiles one program per length, so the length is the same for nearly every batch: the
// expected number and three standard deviations, rounded up to a multiple of 8. A batch with more (one in a thousand) gets as many
// eighths more as it needs, because no position may be lost. The length is at least 1, because XLA does not take empty arrays.
func (s lengthStats) budget(p float64, b, most, count int) int {
	if p == 0 {
		return 1
	}
	rows := float64(b)
	deviation := math.Sqrt(rows * (p*(1-p)*s.mean + p*p*s.variance))
	base := max(8, roundUp(int(math.Ceil(rows*p*s.mean+3*deviation)), 8))
	over := roundUp(max(0, count-base), roundUp(base/8, 8))
	return min(b*most, base+over)
}

// roundUp returns the smallest multiple of step that is not below n.
func roundUp(n, step int) int { return (n + step - 1) / step * step }
