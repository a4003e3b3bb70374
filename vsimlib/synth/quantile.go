// SPDX-License-Identifier: Apache-2.0

package synth

import "math"

// knot says that a share p of all values is at most x.
type knot struct{ p, x float64 }

// quantiles is a distribution of whole numbers by knots from p = 0 to p = 1, straight between them.
type quantiles []knot

// at is the value below which the share u of all is.
func (q quantiles) at(u float64) int {
	i := 1
	for i < len(q)-1 && q[i].p < u {
		i++
	}
	a, b := q[i-1], q[i]
	return int(math.Floor(a.x + (b.x-a.x)*(u-a.p)/(b.p-a.p) + 0.5))
}

// The published quantiles (competition.md: mean, sd, p25/50/75/99, max), and knots between them that give mean and sd too.
var (
	// characters of a title: 18.7, 7.2, 13/19/24/34, 60
	titleChars = quantiles{{0, 3}, {.02, 5.8}, {.08, 8.6}, {.25, 13}, {.5, 19}, {.75, 24}, {.9, 27.7}, {.97, 30.5}, {.99, 34},
		{.999, 40}, {1, 60}}
	// characters of the speech: 40.6, 53, 8/23/51/257, 772; some have none
	asrChars = quantiles{{0, 0}, {.06, 0}, {.25, 8}, {.5, 22.6}, {.75, 50.6}, {.9, 92}, {.97, 163}, {.99, 257}, {.9987, 340}, {1, 772}}
	// tags of a video: 4.76, 2.34, 3/4/6/12, 29
	tagCounts = quantiles{{0, .6}, {.05, 1.6}, {.2, 2.9}, {.3, 3.46}, {.54, 4.5}, {.75, 6.1}, {.9, 7.6}, {.97, 9.4}, {.99, 12},
		{.999, 14}, {1, 29}}
	// frames of a video: p0/10/25/50/75/90 5/9/10/13/20/32; 12% have 32
	frameCounts = quantiles{{0, 5}, {.1, 9}, {.25, 10}, {.5, 13}, {.75, 20}, {.88, 31.5}, {.8801, 32}, {1, 32}}
)

// TitleChars is how many characters the title has of which share u of the competition's are shorter.
func TitleChars(u float64) int { return titleChars.at(u) }

// ASRChars is how many characters the speech has of which share u of the competition's are shorter.
func ASRChars(u float64) int { return asrChars.at(u) }

// FrameCount is how many frames the video has of which share u of the competition's have fewer.
func FrameCount(u float64) int { return frameCounts.at(u) }
