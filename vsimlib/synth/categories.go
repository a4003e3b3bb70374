// SPDX-License-Identifier: Apache-2.0

package synth

import "math"

// Published numbers of categories: 328 of five digits, of which the first three have 40 values and the last two 23.
const (
	categoryTotal = 328
	level1Codes   = 40
	level2Codes   = 23
)

// topCategories are the most frequent ones in the published order, topShares the shares of the first three.
var (
	topCategories = []int64{11604, 10001, 10804, 10501, 11806}
	topShares     = []float64{.115, .069, .067}
)

// categories gives every topic a category.
type categories struct {
	ofTopic [allTopics]int64
	first   map[int64]int // the first topic of a category; the others follow it
	topics  map[int64]int // how many it has
}

// newCategories gives a category as many topics as its share asks for: the published ones, then a falling law.
func newCategories(key uint64) *categories {
	codes := append([]int64(nil), topCategories...)
	used := map[int64]bool{}
	for _, code := range codes {
		used[code] = true
	}
	s := newStream(key, hash(categoryTotal))
	for i := 0; len(codes) < categoryTotal; i++ {
		code := int64(10_000 + 100*(i%level1Codes) + i%level2Codes) // each code of both levels once …
		if i >= level1Codes {                                       // … then any
			code = int64(10_000 + 100*s.below(level1Codes) + s.below(level2Codes))
		}
		if !used[code] {
			used[code] = true
			codes = append(codes, code)
		}
	}
	shares, rest := append([]float64(nil), topShares...), 1.
	for _, share := range topShares {
		rest -= share
	}
	law := 0.
	for k := len(topShares); k < categoryTotal; k++ {
		shares = append(shares, math.Pow(float64(k+4), -1.1))
		law += shares[k]
	}
	c, topic, upTo := &categories{first: map[int64]int{}, topics: map[int64]int{}}, 0, 0.
	for k, share := range shares {
		if k >= len(topShares) {
			share *= rest / law
		}
		upTo += share
		c.first[codes[k]] = topic
		for ; topic < allTopics && (float64(topic)+.5)/allTopics < upTo; topic++ {
			c.ofTopic[topic] = codes[k]
			c.topics[codes[k]]++
		}
	}
	return c
}

// of is the category of a topic.
func (c *categories) of(topic int) int64 { return c.ofTopic[topic] }

// sibling is any topic of the same category.
func (c *categories) sibling(topic int, s *stream) int {
	category := c.of(topic)
	return c.first[category] + s.below(c.topics[category])
}
