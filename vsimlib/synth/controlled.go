// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"fmt"
	"math"
	"math/rand/v2"

	"vsim/vsimlib/corpus"
)

// The sizes of the controlled world.
const (
	latentDim     = 24
	categoryCount = 30
	topicsEach    = 8
	topicCount    = categoryCount * topicsEach
	wordCount     = 3000 // of two characters
	functionWords = 150  // of one character
	characters    = 1200
	tagCount      = 500
	hiddenDim     = 96 // between latent and frame
	frameDim      = 64
	stockShots    = 6

	likingSteps = 1024

	controlledTestPairs = 4000 // of 1,500 videos, whatever the other sizes
)

// firstCharacter is the first of the CJK unified ideographs, which the tokenizer takes one by one; the others follow it.
const firstCharacter = 0x4E00

type latent [latentDim]float64

// controlled is the world of Controlled. Directions are of length one.
type controlled struct {
	seed       int64
	asr        bool
	topic      [topicCount]latent // topics of a category follow each other
	word       [wordCount]latent  // near a topic
	wordWeight [wordCount]float64 // Zipf, in random order
	// exp(9 cos) by the cosine in steps: 3,000 exponentials a title would take half of all time
	liking        [2*likingSteps + 2]float64
	spelling      [wordCount][2]rune // characters are shared, so meaning needs both
	functionWord  [functionWords]rune
	functionShare [functionWords]float64 // cumulative, Zipf
	tag           [tagCount]latent       // near a topic
	tagWeight     [tagCount]float64      // logarithm of a Zipf weight, falling
	into          [latentDim][hiddenDim]float64
	out           [hiddenDim][frameDim]float64
	stock         [stockShots][hiddenDim]float64
}

func newControlled(seed int64) *controlled {
	r := newStream(uint64(seed), forWorld).normal()
	w := &controlled{seed: seed}
	for c := range categoryCount {
		category := direction(r)
		for k := range topicsEach {
			w.topic[c*topicsEach+k] = near(category, .75, r)
		}
	}
	for i := range w.liking {
		w.liking[i] = math.Exp(9 * (float64(i)/likingSteps - 1))
	}
	rank := r.Perm(wordCount)
	for i := range w.word {
		w.word[i] = near(w.topic[r.IntN(topicCount)], .7, r)
		w.wordWeight[i] = math.Pow(float64(rank[i]+5), -.7)
		w.spelling[i] = [2]rune{character(r), character(r)}
	}
	sum := 0.
	for i := range w.functionWord {
		w.functionWord[i] = character(r)
		sum += 1 / float64(i+1)
		w.functionShare[i] = sum
	}
	for i := range w.tag {
		w.tag[i] = near(w.topic[r.IntN(topicCount)], .5, r)
		w.tagWeight[i] = -.6 * math.Log(float64(i+5))
	}
	for i := range w.into {
		fillNormal(w.into[i][:], 2.2/math.Sqrt(latentDim), r)
	}
	for i := range w.out {
		fillNormal(w.out[i][:], 1/math.Sqrt(hiddenDim), r)
	}
	for i := range w.stock {
		fillNormal(w.stock[i][:], 1, r)
	}
	return w
}

func character(r *rand.Rand) rune { return firstCharacter + rune(r.IntN(characters)) }

// fillNormal draws from a normal distribution of mean 0.
func fillNormal(x []float64, sd float64, r *rand.Rand) {
	for i := range x {
		x[i] = sd * r.NormFloat64()
	}
}

// direction is a uniform direction.
func direction(r *rand.Rand) latent {
	var x latent
	fillNormal(x[:], 1, r)
	return x.scaled(1 / math.Sqrt(x.dot(&x)))
}

// near is a direction at some distance from another.
func near(x latent, distance float64, r *rand.Rand) latent {
	step := direction(r)
	for i := range x {
		x[i] += distance * step[i]
	}
	return x.scaled(1 / math.Sqrt(x.dot(&x)))
}

func (x *latent) dot(y *latent) float64 {
	sum := 0.
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

func (x latent) scaled(by float64) latent {
	for i := range x {
		x[i] *= by
	}
	return x
}

// tags are the tags' ids, by falling weight.
func (w *controlled) tags() []int64 {
	ids := make([]int64, tagCount)
	for i := range ids {
		ids[i] = tagID(i)
	}
	return ids
}

func tagID(i int) int64 { return int64(100_001 + i) }

// vocab is 1,300 words: the special tokens, ids that no title uses, the characters.
func (w *controlled) vocab() []string {
	words := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for i := len(words); i < 100; i++ {
		words = append(words, fmt.Sprintf("[unused%d]", i-4))
	}
	for i := range characters {
		words = append(words, string(rune(firstCharacter+i)))
	}
	return words
}

func (w *controlled) testPairs(int) int { return controlledTestPairs }

func (w *controlled) pointwise(n int) section { return w.section(pointwisePart, n) }

func (w *controlled) section(part partKey, videos int) section {
	return section{videos: videos, id: videoIDs(w.seed, part), fill: func(i int, v *corpus.Video) { w.fill(part, i, v) }}
}

// paired is a part of 5/8 as many videos as pairs, or of the 1,500 test videos. The two videos of a pair are of the same topic
// (40%), of the same category (25%) or any; their similarity is the cosine of the latents, with noise of sd .08.
func (w *controlled) paired(part partKey, pairs int) section {
	videos := (pairs*5 + 4) / 8
	if part == testPart {
		videos = pairs * 3 / 8
	}
	s := w.section(part, videos)
	topics, z := make([]int, videos), make([]latent, videos)
	byTopic := make([][]int, topicCount)
	byCategory := make([][]int, categoryCount)
	for i := range z {
		topics[i], z[i] = w.latentOf(part, i)
		byTopic[topics[i]] = append(byTopic[topics[i]], i)
		byCategory[topics[i]/topicsEach] = append(byCategory[topics[i]/topicsEach], i)
	}
	r := newStream(uint64(w.seed), uint64(part), forPairs).normal()
	similarity := make([]float64, 0, pairs)
	for len(s.links) < pairs {
		a, b, u := r.IntN(videos), r.IntN(videos), r.Float64()
		switch {
		case u < .4:
			b = byTopic[topics[a]][r.IntN(len(byTopic[topics[a]]))]
		case u < .65:
			group := byCategory[topics[a]/topicsEach]
			b = group[r.IntN(len(group))]
		}
		if a != b {
			s.links = append(s.links, link{a: int32(a), b: int32(b)})
			similarity = append(similarity, z[a].dot(&z[b])+.08*r.NormFloat64())
		}
	}
	setLevels(s.links, similarity)
	return s
}

// latentOf is what a video is about.
func (w *controlled) latentOf(part partKey, i int) (topic int, z latent) {
	r := newStream(uint64(w.seed), uint64(part), uint64(i), forLatent).normal()
	topic = r.IntN(topicCount)
	return topic, near(w.topic[topic], .55, r)
}

// fill makes all that a video shows of its latent. Speech, where there is any, has draws of its own.
func (w *controlled) fill(part partKey, i int, v *corpus.Video) {
	topic, z := w.latentOf(part, i)
	r := newStream(uint64(w.seed), uint64(part), uint64(i), forVideo).normal()
	v.Category = int64(10_000 + topic/topicsEach*100 + topic%topicsEach)
	v.Title = w.title(&z, r)
	v.Tags = w.tagsOf(&z, v.Tags[:0], r)
	v.Frames, v.NumFrames = w.frames(&z, v.Frames[:0], r)
	if w.asr {
		v.ASRText = w.speech(&z, newStream(uint64(w.seed), uint64(part), uint64(i), forSpeech).normal())
	}
}
