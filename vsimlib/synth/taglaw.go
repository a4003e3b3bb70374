// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

// The law of tags was fitted to what is published of 4.843 million uses: the top 10,000 tags have 95.8% of them, the 10,000th
// occurs 21 times, 62,880 tags occur at all. A tag of rank r ≥ 1 is drawn in proportion to (r+30)^-1.43 up to rank 10,000, from
// there r^-2; what a video has already is drawn again.
const (
	tagTotal  = 140_000
	tagShift  = 30
	tagHead   = 1.43
	tagTail   = 2.0
	exactTags = 16 // ranks that are buckets of their own
	octave    = 8  // buckets from one power of two to the next: shares within one differ by an eighth at most

	topicAnchors = 5  // buckets that a topic prefers
	topicalTags  = .7 // share of tags that are drawn by the topic
)

// tagLaw draws tags. Ranks lie in buckets of about equal shares; a topic prefers some buckets and in each of them a window of tags.
// Topics being equally likely, and each preference being spread evenly over all topics, the law holds whatever the topics.
type tagLaw struct {
	key   uint64
	first []int     // rank from 0 of a bucket's first tag; one more at the end
	upTo  []float64 // cumulative share of the buckets
}

func newTagLaw(key uint64) *tagLaw {
	l := &tagLaw{key: hash(key, tagTotal)}
	sum := 0.
	for r := 0; r < tagTotal; {
		width := 1
		if r >= exactTags {
			width = min(1<<(bits.Len(uint(r))-1)/octave, tagTotal-r)
		}
		l.first = append(l.first, r)
		for range width {
			sum += tagShare(r + 1)
			r++
		}
		l.upTo = append(l.upTo, sum)
	}
	l.first = append(l.first, tagTotal)
	for i := range l.upTo {
		l.upTo[i] /= sum
	}
	return l
}

// tagShare is the share of a rank, not normalised.
func tagShare(rank int) float64 {
	head := math.Pow(float64(min(rank, listedTags)+tagShift), -tagHead)
	if rank > listedTags {
		head *= math.Pow(float64(rank)/listedTags, -tagTail)
	}
	return head
}

// id is the id of the tag of a rank from 0: six or seven digits, none twice.
func (l *tagLaw) id(rank int) int64 {
	const mask = 1<<20 - 1
	x := (uint64(rank) + l.key) & mask // a bijection of [0,2^20)
	x = (x ^ x>>10) * 0x9e375 & mask
	x = (x ^ x>>9) * 0x3bf45 & mask
	return int64(100_000 + (x ^ x>>11))
}

// draw appends n tags, none twice.
func (l *tagLaw) draw(n, topic int, tags []int64, s *stream) []int64 {
	for len(tags) < n {
		if tag := l.id(l.rank(topic, s)); !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// rank draws one rank.
func (l *tagLaw) rank(topic int, s *stream) int {
	if s.unit() >= topicalTags {
		bucket := l.bucket(s.unit())
		return l.first[bucket] + s.below(l.first[bucket+1]-l.first[bucket])
	}
	// Multiplying by an odd number permutes the topics, so over all topics every quantile is preferred once.
	anchor := hash(l.key, uint64(s.below(topicAnchors)))
	bucket := l.bucket((float64((uint64(topic)*(anchor|1)+anchor>>32)%allTopics) + s.unit()) / allTopics)
	width := l.first[bucket+1] - l.first[bucket]
	window := int(hash(anchor, uint64(topic)) % uint64(width))
	return l.first[bucket] + (window+s.below(max(1, width/16)))%width
}

// bucket is where a share u of all uses ends.
func (l *tagLaw) bucket(u float64) int { return min(sort.SearchFloat64s(l.upTo, u), len(l.upTo)-1) }
