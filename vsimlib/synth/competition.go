// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"fmt"

	"vsim/vsimlib/corpus"
)

// Published sizes.
const (
	competitionFrameDim = 1536
	listedTags          = 10_000
	vocabSize           = 21_128
)

// topicBits: topics are what title, tags, category and frames of a video have in common. All are equally likely; a common category
// has many.
const (
	topicBits = 12
	allTopics = 1 << topicBits
)

// published is the world of Competition.
type published struct {
	seed       int64
	categories *categories
	tagLaw     *tagLaw
	words      lexicon
	frames     *frameBank
}

func newPublished(seed int64, frameDim int) *published {
	if frameDim == 0 {
		frameDim = competitionFrameDim
	}
	key := hash(uint64(seed), forWorld)
	return &published{
		seed: seed, categories: newCategories(key), tagLaw: newTagLaw(key), words: lexicon{key}, frames: newFrameBank(key, frameDim),
	}
}

func (w *published) tags() []int64 {
	ids := make([]int64, listedTags)
	for rank := range ids {
		ids[rank] = w.tagLaw.id(rank)
	}
	return ids
}

// vocab has the size of BERT's Chinese vocabulary and its special tokens at their ids; every character is a word.
func (w *published) vocab() []string {
	words := []string{"[PAD]"}
	for i := 1; i < 100; i++ {
		words = append(words, fmt.Sprintf("[unused%d]", i))
	}
	words = append(words, "[UNK]", "[CLS]", "[SEP]", "[MASK]")
	for c := rune('!'); c <= '~'; c++ {
		if c < 'A' || c > 'Z' {
			words = append(words, string(c))
		}
	}
	for c := 'a'; c <= 'z'; c++ {
		words = append(words, "##"+string(c))
	}
	for c := '0'; c <= '9'; c++ {
		words = append(words, "##"+string(c))
	}
	for c := rune(firstCharacter); len(words) < vocabSize; c++ {
		words = append(words, string(c))
	}
	return words
}

// testPairs is half of the pairs, as there are half as many test videos.
func (w *published) testPairs(pairs int) int { return pairs / 2 }

func (w *published) pointwise(n int) section {
	return w.section(pointwisePart, n, func(i int) int {
		return int(hash(uint64(w.seed), uint64(pointwisePart), uint64(i), forLatent) % allTopics)
	})
}

func (w *published) section(part partKey, videos int, topic func(i int) int) section {
	return section{videos: videos, id: videoIDs(w.seed, part), fill: func(i int, v *corpus.Video) {
		w.fill(topic(i), newStream(uint64(w.seed), uint64(part), uint64(i), forVideo), v)
	}}
}

// paired is a part with the published graph of pairs, in which linked videos often have the same topic. Labels tell whether they
// have, with noise.
func (w *published) paired(part partKey, pairs int) section {
	s := newStream(uint64(w.seed), uint64(part), forPairs)
	g := newPairGraph(pairs, s)
	topics := make([]uint16, len(g.group))
	for i, group := range g.group {
		topics[i] = uint16(w.near(int(hash(uint64(w.seed), uint64(part), uint64(group), forLatent)%allTopics), s))
	}
	out := w.section(part, len(topics), func(i int) int { return int(topics[i]) })
	out.links = g.links
	similarity, noise := make([]float64, len(g.links)), s.normal()
	for i, l := range g.links {
		similarity[i] = similarityNoise * noise.NormFloat64()
		if topics[l.a] == topics[l.b] {
			similarity[i]++
		}
	}
	setLevels(out.links, similarity)
	return out
}

// near is the topic of a video that has neighbours of some topic in the graph. All topics stay equally likely.
func (w *published) near(topic int, s *stream) int {
	switch u := s.unit(); {
	case u < .6:
		return topic
	case u < .97:
		return w.categories.sibling(topic, s)
	}
	return s.below(allTopics)
}

// similarityNoise is the sd of the noise next to the 1 of a common topic; with it labels go with common categories and tags about
// as published.
const similarityNoise = .3

// fill makes a video of a topic.
func (w *published) fill(topic int, s *stream, v *corpus.Video) {
	category := w.categories.of(topic)
	v.Category = category
	v.Title = w.words.text(titleChars.at(s.unit()), topic, category, s)
	v.ASRText = w.words.text(asrChars.at(s.unit()), topic, category, s)
	v.Tags = w.tagLaw.draw(tagCounts.at(s.unit()), topic, v.Tags[:0], s)
	v.NumFrames = frameCounts.at(s.unit())
	v.Frames = w.frames.video(v.NumFrames, topic, category, v.Frames[:0], s)
}
