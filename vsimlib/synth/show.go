// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"vsim/vsimlib/half"
)

// What a controlled video may show: so that title, [CLS] and two [SEP] fill 20 positions, and 8 frames.
const (
	minTitle, maxTitle = 4, 17
	maxFrames          = 8
	maxSpeech          = 40
)

// title is 4 to 17 characters: words in proportion to exp(9 cos) times their weight, and between them, as often, function words.
func (w *controlled) title(z *latent, r *rand.Rand) string {
	return w.text(z, int(min(max(15+5*r.NormFloat64(), minTitle), maxTitle)), .5, r)
}

// speech is what is said about a latent nearby: up to 40 characters, lengths else as the competition's, of which 6% are none; more
// of it than of a title tells nothing.
func (w *controlled) speech(z *latent, r *rand.Rand) string {
	about := near(*z, .3, r)
	return w.text(&about, min(asrChars.at(r.Float64()), maxSpeech), .4, r)
}

// text is length characters; a share of them is words that depend on the topic.
func (w *controlled) text(z *latent, length int, telling float64, r *rand.Rand) string {
	share, sum := make([]float64, wordCount), 0.
	for i := range share {
		sum += w.liking[int((1+z.dot(&w.word[i]))*likingSteps)] * w.wordWeight[i]
		share[i] = sum
	}
	text := make([]rune, 0, length+1)
	for len(text) < length {
		if r.Float64() < telling {
			text = append(text, w.spelling[draw(share, r)][:]...)
		} else {
			text = append(text, w.functionWord[draw(w.functionShare[:], r)])
		}
	}
	return string(text[:length])
}

// draw picks an index in proportion to the steps of a cumulative sum.
func draw(cumulative []float64, r *rand.Rand) int {
	last := len(cumulative) - 1
	return min(sort.SearchFloat64s(cumulative, r.Float64()*cumulative[last]), last)
}

// tagsOf draws 4 tags in the mean, at least 1, without replacement in proportion to exp(10 cos) times their weight; then 15% of
// them are replaced by any.
func (w *controlled) tagsOf(z *latent, tags []int64, r *rand.Rand) []int64 {
	var key [tagCount]float64 // Gumbel: the largest keys are such a draw
	order := make([]int, tagCount)
	for i := range key {
		order[i] = i
		key[i] = w.tagWeight[i] + 10*z.dot(&w.tag[i]) - math.Log(-math.Log(1-r.Float64()))
	}
	n := min(max(1, poisson(4, r)), tagCount)
	for k := range n { // a selection of the few largest
		best := k
		for i := k + 1; i < tagCount; i++ {
			if key[order[i]] > key[order[best]] {
				best = i
			}
		}
		order[k], order[best] = order[best], order[k]
		tag := tagID(order[k])
		if r.Float64() < .15 {
			tag = tagID(r.IntN(tagCount))
		}
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// poisson is Knuth's method, for a small mean.
func poisson(mean float64, r *rand.Rand) int {
	n, limit := 0, math.Exp(-mean)
	for p := r.Float64(); p > limit; p *= r.Float64() {
		n++
	}
	return n
}

// frames are 2 to 8: the latent with a drift of each frame's own and the video's style through a fixed nonlinear map, with noise; a
// quarter are stock shots, which tell nothing.
func (w *controlled) frames(z *latent, out []byte, r *rand.Rand) ([]byte, int) {
	n := min(2+r.IntN(maxFrames+2), maxFrames)
	var style [hiddenDim]float64
	fillNormal(style[:], .5, r)
	for range n {
		hidden := style
		drift := direction(r)
		for k := range drift {
			at := z[k] + .45*drift[k]
			for j := range hidden {
				hidden[j] += at * w.into[k][j]
			}
		}
		if r.Float64() < .25 {
			hidden = w.stock[r.IntN(stockShots)]
		}
		out = w.appendFrame(out, &hidden, r)
	}
	return out, n
}

func (w *controlled) appendFrame(out []byte, hidden *[hiddenDim]float64, r *rand.Rand) []byte {
	var frame [frameDim]float64
	for j, h := range hidden {
		h = math.Tanh(h)
		for k := range frame {
			frame[k] += h * w.out[j][k]
		}
	}
	for _, x := range frame {
		out = binary.LittleEndian.AppendUint16(out, half.FromFloat32(float32(x+.3*r.NormFloat64())))
	}
	return out
}
